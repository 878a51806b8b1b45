// Who has offended in the last 24 hours, nearest to a ban first.

import * as security from "../../api/security";
import type { GuardSettings, Suspect } from "../../api/security";
import { ago, count, words } from "../../lib/format";
import { attempt } from "../../ui/asking";
import { Button } from "../../ui/form";
import { Panel } from "../../ui/panel";
import { Table } from "../../ui/table";

interface Props {
  suspects: Suspect[] | undefined;
  settings: GuardSettings | undefined;
  onBan: (address: string) => void;
  onHistory: (address: string) => void;
  onChange: () => void;
}

const shareOf = (suspect: Suspect): number => suspect.nearest.count / Math.max(1, suspect.nearest.threshold);

function Closeness({ suspect }: { suspect: Suspect }) {
  const share = Math.min(1, shareOf(suspect));
  const tone = share >= 0.8 ? "bad" : share >= 0.5 ? "warn" : "";
  const text = `${suspect.nearest.count} of ${suspect.nearest.threshold} ${words(suspect.nearest.offence)}`;
  return (
    <span title={text}>
      <span class="nowrap">{text}</span>
      <span class={`meter ${tone}`} role="meter" aria-label="Closeness to a ban" aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(share * 100)}>
        <span style={{ width: `${share * 100}%` }} />
      </span>
    </span>
  );
}

export function SuspectsPanel({ suspects, settings, onBan, onHistory, onChange }: Props) {
  const forget = async (address: string) => {
    if (await attempt(() => security.forgetNotFound(address), `The not-found count of ${address} is cleared.`)) onChange();
  };
  const limit = settings?.["repeat_offender_limit"];
  return (
    <Panel title="Suspects" class="limited" flush>
      <Table caption="Suspects of the last 24 hours" rows={suspects} keyOf={(suspect) => suspect.address} empty="Nobody has offended in the last 24 hours."
        columns={[
          { title: "Address", cell: (suspect) => <span class="strong">{suspect.address}</span>, sort: (suspect) => suspect.address },
          { title: "Closeness to a ban", cell: (suspect) => <Closeness suspect={suspect} />, sort: shareOf },
          { title: "Wrong keys", right: true, cell: (suspect) => count(suspect.invalid_api_keys), sort: (suspect) => suspect.invalid_api_keys, hidePhone: true },
          { title: "Not found", right: true, cell: (suspect) => count(suspect.not_found), sort: (suspect) => suspect.not_found, hidePhone: true },
          { title: "Failed logins", right: true, cell: (suspect) => count(suspect.failed_logins), sort: (suspect) => suspect.failed_logins, hidePhone: true },
          { title: "Other", right: true, cell: (suspect) => count(suspect.other), sort: (suspect) => suspect.other, hidePhone: true },
          {
            title: "Former bans",
            right: true,
            cell: (suspect) => (limit === undefined ? count(suspect.ban_count) : `${suspect.ban_count} of ${String(limit)}`),
            sort: (suspect) => suspect.ban_count,
            hidePhone: true,
          },
          { title: "Last", cell: (suspect) => <span class="muted">{ago(suspect.last_at)}</span>, sort: (suspect) => suspect.last_at, hidePhone: true },
          {
            title: "Change",
            acts: true,
            cell: (suspect) => (
              <div class="row-actions">
                {suspect.ban_count > 0 ? <Button small onClick={() => onHistory(suspect.address)}>History</Button> : null}
                {suspect.not_found > 0 ? <Button small onClick={() => void forget(suspect.address)}>Clear 404</Button> : null}
                <Button small kind="danger" onClick={() => onBan(suspect.address)} label={`Ban ${suspect.address}`}>Ban</Button>
              </div>
            ),
          },
        ]} />
    </Panel>
  );
}
