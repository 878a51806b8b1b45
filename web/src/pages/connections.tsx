// Live WebSocket connections and the feeds behind them.

import * as operations from "../api/operations";
import type { Connection, Feed } from "../api/operations";
import { ago, bytes, count, micros } from "../lib/format";
import { usePolled } from "../lib/poll";
import { ask, attempt } from "../ui/asking";
import { Button } from "../ui/form";
import { Badge, Page, Panel, Stats, Trouble } from "../ui/panel";
import { Table } from "../ui/table";

const kConnectionsMs = 3000;
const kTones = { idle: "plain", connecting: "warn", connected: "good", silent: "bad", waiting: "bad" } as const;

export function ConnectionsPage() {
  const { data, error, refresh } = usePolled(operations.connections, kConnectionsMs);
  const close = async (connection: Connection) => {
    const yes = await ask({ title: "Close the connection", text: `${connection.username} at ${connection.address} is cut off and may connect again.`, action: "Close it", danger: true });
    if (yes && (await attempt(() => operations.closeConnection(connection.id)))) refresh();
  };
  const sum = (value: (connection: Connection) => number): string | undefined =>
    data && count(data.connections.reduce((total, connection) => total + value(connection), 0));
  return (
    <Page title="Connections">
      <div class="stack">
        <Trouble error={error} />
        <Stats figures={[
          { label: "Connections", value: data && count(data.connections.length) },
          { label: "Subscriptions", value: sum((connection) => connection.subscriptions) },
          { label: "Messages sent", value: sum((connection) => connection.sent) },
          { label: "Conflated quotes", value: sum((connection) => connection.conflated) },
        ]} />
        <Panel title="WebSocket clients" flush>
          <Table caption="WebSocket clients" rows={data?.connections} keyOf={(connection) => connection.id} empty="No client is connected."
            columns={[
              { title: "User", cell: (connection) => <span class="strong">{connection.username || "not signed in"}</span>, sort: (connection) => connection.username },
              { title: "Address", cell: (connection) => connection.address, sort: (connection) => connection.address },
              { title: "Open", cell: (connection) => ago(connection.opened_at).replace(" ago", ""), sort: (connection) => connection.opened_at },
              { title: "Subscriptions", right: true, cell: (connection) => count(connection.subscriptions), sort: (connection) => connection.subscriptions },
              { title: "Sent", right: true, cell: (connection) => count(connection.sent), sort: (connection) => connection.sent, hidePhone: true },
              { title: "Conflated", right: true, cell: (connection) => count(connection.conflated), sort: (connection) => connection.conflated, hidePhone: true },
              { title: "Queued", right: true, cell: (connection) => bytes(connection.queued_bytes), sort: (connection) => connection.queued_bytes, hidePhone: true },
              { title: "Behind", right: true, cell: (connection) => (connection.lag_micros > 0 ? <Badge tone="warn">{micros(connection.lag_micros)}</Badge> : "no"), sort: (connection) => connection.lag_micros },
              { title: "Close", acts: true, cell: (connection) => (data?.closable === true ? <Button small kind="danger" onClick={() => void close(connection)}>Close</Button> : null) },
            ]} />
        </Panel>
        <Panel title="Feeds" flush><FeedTable feeds={data?.feeds} /></Panel>
      </div>
    </Page>
  );
}

function FeedTable({ feeds }: { feeds: Feed[] | undefined }) {
  return (
    <Table caption="Feeds" rows={feeds} keyOf={(feed) => feed.broker} empty="No feed is running."
      columns={[
        { title: "Broker", cell: (feed) => <span class="strong">{feed.broker}</span> },
        { title: "State", cell: (feed) => <Badge tone={kTones[feed.state]}>{feed.state}</Badge> },
        { title: "Instruments", right: true, cell: (feed) => count(feed.instruments) },
        { title: "Stale", right: true, cell: (feed) => (feed.stale > 0 ? <Badge tone="warn">{count(feed.stale)}</Badge> : "0") },
        { title: "Last tick", cell: (feed) => ago(feed.last_tick_at) },
        { title: "Ticks", right: true, cell: (feed) => count(feed.received) },
        { title: "Conflated", right: true, cell: (feed) => count(feed.conflated), hidePhone: true },
        { title: "Lag", right: true, cell: (feed) => micros(feed.lag_micros) },
        { title: "Reconnects", right: true, cell: (feed) => count(feed.reconnects) },
        { title: "Silences", right: true, cell: (feed) => count(feed.silences), hidePhone: true },
        { title: "Last error", cell: (feed) => feed.last_error, wrap: true },
      ]} />
  );
}
