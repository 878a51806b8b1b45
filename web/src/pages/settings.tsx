// The settings in force, and the gateway's health.

import * as operations from "../api/operations";
import { span } from "../lib/format";
import { usePolled } from "../lib/poll";
import { Badge, Page, Panel, Trouble } from "../ui/panel";
import { Table } from "../ui/table";

const kHealthMs = 30_000;

export function SettingsPage() {
  const { data, error } = usePolled(() => operations.settings(), 0);
  return (
    <Page title="Settings">
      <div class="grid">
        <div class="span-7 stack">
          <Trouble error={error} />
          <Panel title="Settings in force" flush>
            <Table caption="Settings" rows={data} keyOf={(setting) => setting.name} empty="No setting is shown here."
              columns={[
                { title: "Name", cell: (setting) => <span class="mono strong">{setting.name}</span>, sort: (setting) => setting.name },
                { title: "Value", cell: (setting) => <span class="mono">{setting.value === "" ? "\u2013" : setting.value}</span>, wrap: true },
                { title: "From", cell: (setting) => <Badge tone={setting.source === "default" ? "plain" : "info"}>{setting.source}</Badge>, sort: (setting) => setting.source },
              ]} />
          </Panel>
        </div>
        <div class="span-5 stack">
          <HealthPanel />
          <Panel title="Changing a setting">
            <p>Settings come from the environment or from <code>kavach.env</code> in the data folder, and are read when the gateway starts.</p>
            <p>Ban thresholds are changed on the Security page and are in force at once.</p>
          </Panel>
        </div>
      </div>
    </Page>
  );
}

function HealthPanel() {
  const { data, error } = usePolled(operations.health, kHealthMs);
  return (
    <Panel title="Health" flush>
      <Trouble error={error} />
      <Table caption="Health checks" rows={data?.checks} keyOf={(check) => check.name} empty="No check is configured."
        columns={[
          { title: "Check", cell: (check) => check.name },
          { title: "State", cell: (check) => <Badge tone={check.ok ? "good" : "bad"}>{check.ok ? "ok" : "failed"}</Badge> },
          { title: "Detail", cell: (check) => check.detail, wrap: true },
        ]} />
      {data === undefined ? null : <div class="body muted">Kavach {data.version}, running for {span(data.uptime_seconds)}</div>}
    </Panel>
  );
}
