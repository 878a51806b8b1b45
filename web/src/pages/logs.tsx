// The gateway's own log.

import * as records from "../api/records";
import type { LogLine } from "../api/records";
import { time } from "../lib/format";
import { Badge, Page } from "../ui/panel";
import { Records } from "../ui/records";
import type { Column } from "../ui/table";

const kTones = { error: "bad", warning: "warn", info: "info" } as const;

const columns: readonly Column<LogLine>[] = [
  { title: "Time", cell: (line) => <span class="muted">{time(line.at)}</span> },
  { title: "Level", cell: (line) => <Badge tone={kTones[line.level as keyof typeof kTones] ?? "plain"}>{line.level}</Badge> },
  { title: "Part", cell: (line) => line.component, hidePhone: true },
  { title: "Message", cell: (line) => line.message, wrap: true },
  { title: "Request id", cell: (line) => <span class="mono muted">{line.request_id}</span>, hidePhone: true },
];

export function LogsPage() {
  return (
    <Page title="Logs">
      <Records title="Log" ask={records.logLines} columns={columns} keyOf={(line) => String(line.number)} empty="No line matches."
        filters={[{ name: "level", label: "Level", list: ["error", "warning", "info", "debug"] }, { name: "text", label: "Text" },
          { name: "from", label: "From", placeholder: "2027-06-29T10:15" }, { name: "to", label: "To" }]} />
    </Page>
  );
}
