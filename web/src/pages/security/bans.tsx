// What is banned, why, and for how long.

import type { Ban } from "../../api/security";
import { count, remaining, time, words } from "../../lib/format";
import { Button } from "../../ui/form";
import { Badge, Panel } from "../../ui/panel";
import { Table } from "../../ui/table";
import { BanFileButtons, CsvButtons } from "./csvfiles";

interface Props {
  bans: Ban[] | undefined;
  onUnban: (network: string) => Promise<void>;
  onHistory: (network: string) => void;
  onChange: () => void;
}
export function BansPanel({ bans, onUnban, onHistory, onChange }: Props) {
  return (
    <Panel title="Bans" class="limited" flush actions={<><CsvButtons list="bans" onChange={onChange} /><BanFileButtons /></>}>
      <Table caption="Bans in force" rows={bans} keyOf={(ban) => ban.network} empty="Nobody is banned."
        columns={[
          { title: "Address or network", cell: (ban) => <span class="strong">{ban.network}</span>, sort: (ban) => ban.network },
          { title: "Reason", cell: (ban) => words(ban.reason), sort: (ban) => ban.reason, wrap: true },
          { title: "By", cell: (ban) => (ban.kind === "automatic" ? <Badge>automatic</Badge> : ban.created_by), hidePhone: true },
          { title: "Ban no.", right: true, cell: (ban) => count(ban.count), sort: (ban) => ban.count, hidePhone: true },
          { title: "Since", cell: (ban) => time(ban.created_at), sort: (ban) => ban.created_at, hidePhone: true },
          {
            title: "Left",
            cell: (ban) => (ban.expires_at === null ? <Badge tone="bad">permanent</Badge> : <span title={time(ban.expires_at)}>{remaining(ban.expires_at)}</span>),
            sort: (ban) => ban.expires_at ?? "9",
          },
          {
            title: "Change",
            acts: true,
            cell: (ban) => (
              <div class="row-actions">
                <Button small onClick={() => onHistory(ban.network)}>History</Button>
                <Button small onClick={() => void onUnban(ban.network)} label={`Lift the ban of ${ban.network}`}>Lift</Button>
              </div>
            ),
          },
        ]} />
    </Panel>
  );
}
