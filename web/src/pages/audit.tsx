// The audit chain: what happened, and the proof that nothing was changed afterwards.

import { useState } from "preact/hooks";
import * as records from "../api/records";
import type { AuditEvent, Verdict } from "../api/records";
import { messageOf } from "../api/client";
import { count, time } from "../lib/format";
import { tell } from "../ui/asking";
import { Dialog } from "../ui/dialog";
import { Button } from "../ui/form";
import { Notice, Page } from "../ui/panel";
import { Records } from "../ui/records";
import type { Column } from "../ui/table";

const fieldsText = (event: AuditEvent): string =>
  Object.entries(event.fields).map(([name, value]) => `${name}=${String(value)}`).join(" ");

const columns: readonly Column<AuditEvent>[] = [
  { title: "No.", right: true, cell: (event) => <span class="muted">{event.sequence}</span> },
  { title: "Time", cell: (event) => <span class="muted">{time(event.at)}</span> },
  { title: "Event", cell: (event) => <span class="strong">{event.kind}</span> },
  { title: "Who", cell: (event) => event.actor },
  { title: "Address", cell: (event) => event.address, hidePhone: true },
  { title: "Fields", cell: (event) => <span class="muted">{fieldsText(event)}</span>, wrap: true, hidePhone: true },
];

export function AuditPage() {
  const [verdict, setVerdict] = useState<Verdict>();
  const [busy, setBusy] = useState(false);
  const [shown, setShown] = useState<AuditEvent>();
  const verify = async () => {
    setBusy(true);
    try {
      setVerdict(await records.verifyAudit());
    } catch (error) {
      tell(messageOf(error), true);
    }
    setBusy(false);
  };
  return (
    <Page title="Audit" actions={<Button kind="primary" busy={busy} onClick={verify}>Verify the chain</Button>}>
      <div class="stack">
        {verdict === undefined ? null : <VerdictNotice verdict={verdict} />}
        <Records title="Records" ask={records.auditEvents} columns={columns} keyOf={(event) => String(event.sequence)} empty="No record matches."
          exportPath="/audit/export" onSelect={setShown}
          filters={[
            { name: "kind", label: "Event", placeholder: "login.failed" },
            { name: "actor", label: "Who" },
            { name: "address", label: "Address" },
            { name: "from", label: "From", placeholder: "2027-06-29" },
            { name: "to", label: "To", placeholder: "2027-06-30" },
          ]} />
      </div>
      {shown === undefined ? null : <EventDialog event={shown} onClose={() => setShown(undefined)} />}
    </Page>
  );
}

function VerdictNotice({ verdict }: { verdict: Verdict }) {
  if (!verdict.intact) {
    return <Notice tone="bad">The chain is broken at record {verdict.first_bad_sequence}: {verdict.problem}. Keep a copy of the data folder and find out who had access to it.</Notice>;
  }
  return (
    <Notice tone="good">
      <p>All {count(verdict.records ?? 0)} records and {count(verdict.segments ?? 0)} sealed days are as they were written ({time(verdict.checked_at)}).</p>
      <p class="mono">{verdict.head}</p>
    </Notice>
  );
}

function EventDialog({ event, onClose }: { event: AuditEvent; onClose: () => void }) {
  const facts: [string, string][] = [
    ["Time", event.at], ["Event", event.kind], ["Who", event.actor], ["Address", event.address], ["Request", event.request_id],
    ...Object.entries(event.fields).map(([name, value]): [string, string] => [name, String(value)]), ["Hash", event.hash],
  ];
  return (
    <Dialog title={`Record ${event.sequence}`} onClose={onClose}>
      <dl class="facts">{facts.map(([name, value]) => <><dt>{name}</dt><dd class="mono">{value}</dd></>)}</dl>
    </Dialog>
  );
}
