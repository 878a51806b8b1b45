// Bans an address, saying beforehand what that does; and shows an offender's past.

import { useState } from "preact/hooks";
import * as security from "../../api/security";
import type { PastBan } from "../../api/security";
import { messageOf } from "../../api/client";
import { time, words } from "../../lib/format";
import { usePolled } from "../../lib/poll";
import { tell } from "../../ui/asking";
import { Dialog } from "../../ui/dialog";
import { Button, Form, Segmented, TextField } from "../../ui/form";
import { Badge, Notice, Trouble } from "../../ui/panel";
import { Table } from "../../ui/table";

const kDurations = ["24 h", "48 h", "7 days", "Permanent"] as const;
type Duration = (typeof kDurations)[number];
const kHours: Record<Duration, number> = { "24 h": 24, "48 h": 48, "7 days": 168, Permanent: 0 };

function consequence(address: string, duration: Duration): string {
  const who = address.includes("/") ? `Every client in ${address}` : address === "" ? "The address" : address;
  const until = duration === "Permanent" ? "until you lift the ban" : `for ${duration.replace("h", "hours")}`;
  const record = duration === "Permanent" ? " Its records are exported to the data folder first." : "";
  return `${who} is refused on every path, REST and WebSocket alike, ${until}. Open connections are closed.${record}`;
}

interface BanProps {
  address: string;
  yours: string;
  onClose: () => void;
  onDone: () => void;
}
export function BanDialog({ address: initial, yours, onClose, onDone }: BanProps) {
  const [address, setAddress] = useState(initial);
  const [reason, setReason] = useState("");
  const [duration, setDuration] = useState<Duration>("24 h");
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async () => {
    setBusy(true);
    setProblem("");
    try {
      const ip_address = address.trim();
      await security.ban({ ip_address, reason: reason.trim(), duration_hours: kHours[duration], permanent: duration === "Permanent" });
      tell(`${ip_address} is banned.`);
      onDone();
      onClose();
    } catch (error) {
      setProblem(messageOf(error));
      setBusy(false);
    }
  };
  return (
    <Dialog title="Ban an address" onClose={onClose}>
      <Form onSubmit={submit} label="Ban an address">
        {problem === "" ? null : <Notice tone="bad">{problem}</Notice>}
        <TextField label="Address or network" value={address} onInput={setAddress} required placeholder="203.0.113.9 or 203.0.113.0/24" />
        <Segmented label="For" value={duration} choices={kDurations} onChange={setDuration} />
        <TextField label="Reason" value={reason} onInput={setReason} maxLength={200} placeholder="Scanning" />
        {address.trim() !== "" && address.trim() === yours ? <Notice tone="bad">This is the address you come from. You would lock yourself out.</Notice> : null}
        <Notice tone="warn">{consequence(address.trim(), duration)}</Notice>
        <div class="form-actions"><Button kind="danger" submit busy={busy}>Ban</Button><Button onClick={onClose}>Cancel</Button></div>
      </Form>
    </Dialog>
  );
}

function What({ ban }: { ban: PastBan }) {
  const badge = ban.action === "unban" ? <Badge>lifted</Badge> : <Badge tone="bad">{ban.action === "ban" ? `ban no. ${ban.count}` : "made longer"}</Badge>;
  return <>{badge} <span class="muted">{`by ${ban.created_by}`}</span></>;
}

export function HistoryDialog({ offender, onClose }: { offender: string; onClose: () => void }) {
  const { data, error } = usePolled(() => security.offenderHistory(offender), 0);
  return (
    <Dialog title={`History of ${offender}`} onClose={onClose}>
      <Trouble error={error} />
      <Table caption={`Bans of ${offender}`} rows={data} keyOf={(ban) => `${ban.created_at} ${ban.action}`} empty="No ban is recorded."
        columns={[
          { title: "When", cell: (ban) => time(ban.created_at) },
          { title: "What", cell: (ban) => <What ban={ban} /> },
          { title: "Until", cell: (ban) => (ban.action === "unban" ? "" : ban.expires_at === null ? "for ever" : time(ban.expires_at)) },
          { title: "Reason", cell: (ban) => words(ban.reason), wrap: true },
        ]} />
    </Dialog>
  );
}
