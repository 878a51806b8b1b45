// The guard at a glance: who is banned and why, who is close to it, and what decides.

import { useState } from "preact/hooks";
import * as security from "../../api/security";
import { count, time, words } from "../../lib/format";
import { usePolled } from "../../lib/poll";
import { ask, attempt } from "../../ui/asking";
import { Button } from "../../ui/form";
import { Notice, Page, Panel, Stats, Trouble } from "../../ui/panel";
import { Table } from "../../ui/table";
import { AllowListPanel } from "./allowlist";
import { BanDialog, HistoryDialog } from "./bandialog";
import { BansPanel } from "./bans";
import { SuspectsPanel } from "./suspects";
import { RatesPanel, ShadowPanel, ThresholdsPanel } from "./thresholds";

const kSecurityMs = 5000;

export function SecurityPage() {
  const { data, error, refresh } = usePolled(security.securityData, kSecurityMs);
  const [banning, setBanning] = useState<string>();
  const [history, setHistory] = useState<string>();
  const unban = async (network: string) => {
    const sure = await ask({
      title: `Lift the ban of ${network}`,
      text: `${network} may call the gateway again at once. The ban stays in its history: the next one is longer. What it had offended in the last 24 hours is forgotten.`,
      action: "Lift the ban",
    });
    if (sure && await attempt(() => security.unban(network), `${network} is no longer banned.`)) refresh();
  };
  return (
    <Page title="Security" actions={<Button kind="danger" onClick={() => setBanning("")}>Ban an address</Button>}>
      <div class="stack">
        <Trouble error={error} />
        {(data?.warnings ?? []).map((warning) => <Notice key={warning} tone="warn">{warning}</Notice>)}
        <Stats figures={[
          { label: "Bans in force", value: data && count(data.totals.bans) },
          { label: "Permanent", value: data && count(data.totals.permanent_bans) },
          { label: "Suspects", value: data && count(data.totals.suspects) },
          { label: "Offences in 24 hours", value: data && count(data.totals.offences_24h) },
          { label: "You come from", value: data?.your_address, long: true },
        ]} />
        <BansPanel bans={data?.bans} onUnban={unban} onHistory={setHistory} onChange={refresh} />
        <SuspectsPanel suspects={data?.suspects} settings={data?.settings} onBan={setBanning} onHistory={setHistory} onChange={refresh} />
        <div class="grid">
          <Panel title="Paths that do not exist" class="span-6 limited" flush>
            <Table caption="Suspicious paths" rows={data?.paths} keyOf={(row) => `${row.address} ${row.path}`} empty="Nobody looked for what is not here."
              columns={[
                { title: "Address", cell: (row) => row.address, sort: (row) => row.address },
                { title: "Path", cell: (row) => <span class="mono">{row.path}</span>, wrap: true },
                { title: "Count", right: true, cell: (row) => count(row.count), sort: (row) => row.count },
                { title: "Last", cell: (row) => time(row.last_at), hidePhone: true, sort: (row) => row.last_at },
              ]} />
          </Panel>
          <Panel title="Wrong API keys" class="span-6 limited" flush>
            <Table caption="Wrong API keys, as keyed digests" rows={data?.keys} keyOf={(row) => `${row.address} ${row.key_digest}`} empty="No wrong key was tried."
              columns={[
                { title: "Address", cell: (row) => row.address, sort: (row) => row.address },
                { title: "Keyed digest", cell: (row) => <span class="mono">{row.key_digest}</span> },
                { title: "Count", right: true, cell: (row) => count(row.count), sort: (row) => row.count },
                { title: "Last", cell: (row) => time(row.last_at), hidePhone: true, sort: (row) => row.last_at },
              ]} />
          </Panel>
        </div>
        <div class="grid">
          <div class="span-6 stack">
            <AllowListPanel allowlist={data?.allowlist} onChange={refresh} />
            {data === undefined ? null : <ThresholdsPanel settings={data.settings} onChange={refresh} />}
          </div>
          <div class="span-6 stack">
            <Panel title="Events" class="limited" flush>
              <Table caption="Security events" rows={data?.events} keyOf={(row) => `${row.at} ${row.kind} ${row.address}`} empty="All quiet."
                columns={[
                  { title: "Time", cell: (row) => <span class="muted">{time(row.at)}</span> },
                  { title: "Event", cell: (row) => words(row.kind) },
                  { title: "Address", cell: (row) => row.address },
                  { title: "Detail", cell: (row) => row.detail, wrap: true, hidePhone: true },
                ]} />
            </Panel>
            {data === undefined ? null : (
              <>
                <RatesPanel settings={data.settings} onChange={refresh} />
                <ShadowPanel settings={data.settings} onChange={refresh} />
              </>
            )}
          </div>
        </div>
      </div>
      {banning === undefined ? null : <BanDialog address={banning} yours={data?.your_address ?? ""} onClose={() => setBanning(undefined)} onDone={refresh} />}
      {history === undefined ? null : <HistoryDialog offender={history} onClose={() => setHistory(undefined)} />}
    </Page>
  );
}
