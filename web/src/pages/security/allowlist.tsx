// Networks that are never banned.

import { useState } from "preact/hooks";
import * as security from "../../api/security";
import type { Allowed } from "../../api/security";
import { attempt } from "../../ui/asking";
import { Button, Form, TextField } from "../../ui/form";
import { Panel } from "../../ui/panel";
import { Table } from "../../ui/table";
import { CsvButtons } from "./csvfiles";

export function AllowListPanel({ allowlist, onChange }: { allowlist: Allowed[] | undefined; onChange: () => void }) {
  const [network, setNetwork] = useState("");
  const [note, setNote] = useState("");
  const add = async () => {
    if (await attempt(() => security.allow(network.trim(), note.trim()), `${network.trim()} is never banned.`)) {
      setNetwork("");
      setNote("");
      onChange();
    }
  };
  const remove = async (entry: Allowed) => {
    if (await attempt(() => security.disallow(entry.network), `${entry.network} is off the allow list.`)) onChange();
  };
  return (
    <Panel title="Allow list" class="limited" flush actions={<CsvButtons list="allowlist" onChange={onChange} />}>
      <Table caption="Allow list" rows={allowlist} keyOf={(entry) => `${entry.network} ${entry.source}`} empty="Empty. Loopback and trusted proxies are never banned in any case."
        columns={[
          { title: "Network", cell: (entry) => <span class="strong">{entry.network}</span> },
          { title: "Note", cell: (entry) => entry.note, wrap: true },
          { title: "From", cell: (entry) => entry.source, hidePhone: true },
          { title: "Remove", acts: true, cell: (entry) => (entry.source === "environment" ? null : <Button small kind="danger" onClick={() => void remove(entry)}>Remove</Button>) },
        ]} />
      <div class="body">
        <Form onSubmit={add} class="filters" label="Add to the allow list">
          <TextField label="Network" value={network} onInput={setNetwork} required placeholder="203.0.113.0/24" />
          <TextField label="Note" value={note} onInput={setNote} maxLength={100} placeholder="Office" />
          <Button submit>Add</Button>
        </Form>
      </div>
    </Panel>
  );
}
