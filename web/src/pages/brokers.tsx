// Broker connections of the signed-in user.

import * as operations from "../api/operations";
import type { BrokerState } from "../api/operations";
import { messageOf } from "../api/client";
import { time } from "../lib/format";
import { usePolled } from "../lib/poll";
import { ask, attempt, tell } from "../ui/asking";
import { Button } from "../ui/form";
import { Badge, Page, Panel, Trouble } from "../ui/panel";
import { Table } from "../ui/table";

export function BrokersPage() {
  const list = usePolled(() => operations.brokers(), 0);
  const connect = async (broker: BrokerState) => {
    try {
      const { url } = await operations.connectBroker(broker.name);
      if (new URL(url, window.location.origin).protocol === "https:") window.location.assign(url);
      else tell("The broker's address is not https: nothing was opened.", true);
    } catch (error) {
      tell(messageOf(error), true);
    }
  };
  const revoke = async (broker: BrokerState) => {
    const yes = await ask({ title: `Disconnect ${broker.title}`, text: "The broker's token is revoked and deleted. Orders to this broker are refused until you connect again.", action: "Disconnect", danger: true });
    if (yes && (await attempt(() => operations.revokeBroker(broker.name), `${broker.title} is disconnected.`))) list.refresh();
  };
  return (
    <Page title="Brokers">
      <div class="stack">
        <Trouble error={list.error} />
        <Panel title="Broker connections" flush>
          <Table caption="Brokers" rows={list.data} keyOf={(broker) => broker.name} empty="No broker is built in besides the paper exchange."
            columns={[
              { title: "Broker", cell: (broker) => <span class="strong">{broker.title}</span> },
              { title: "State", cell: (broker) => <Badge tone={broker.connected ? "good" : "plain"}>{broker.connected ? "connected" : broker.configured ? "not connected" : "not configured"}</Badge> },
              { title: "Account", cell: (broker) => broker.account_id ?? "\u2013" },
              { title: "Until", cell: (broker) => time(broker.expires_at), hidePhone: true },
              {
                title: "Change",
                acts: true,
                cell: (broker) =>
                  broker.connected ? (
                    <Button small kind="danger" onClick={() => void revoke(broker)}>Disconnect</Button>
                  ) : (
                    <Button small disabled={!broker.configured} onClick={() => void connect(broker)}>Connect</Button>
                  ),
              },
            ]} />
        </Panel>
      </div>
    </Page>
  );
}
