// Backups, and the secrets they cannot be read without.

import { useState } from "preact/hooks";
import { download } from "../api/client";
import * as operations from "../api/operations";
import { bytes, time } from "../lib/format";
import { usePolled } from "../lib/poll";
import { attempt } from "../ui/asking";
import { Button } from "../ui/form";
import { Page, Panel, Trouble } from "../ui/panel";
import { Table } from "../ui/table";
import { KeysPanel } from "./keyspanel";

export function BackupPage() {
  const list = usePolled(() => operations.backups(), 0);
  const [busy, setBusy] = useState(false);
  const create = async () => {
    setBusy(true);
    if (await attempt(operations.createBackup, "The backup is complete.")) list.refresh();
    setBusy(false);
  };
  return (
    <Page title="Backup" actions={<Button kind="primary" busy={busy} onClick={create}>Back up now</Button>}>
      <div class="stack">
        <Trouble error={list.error} />
        <Panel title="Backups" flush>
          <Table caption="Backups" rows={list.data} keyOf={(backup) => backup.name} empty="No backup yet."
            columns={[
              { title: "File", cell: (backup) => <span class="mono">{backup.name}</span> },
              { title: "Made", cell: (backup) => time(backup.created_at), sort: (backup) => backup.created_at },
              { title: "Size", right: true, cell: (backup) => bytes(backup.bytes), sort: (backup) => backup.bytes },
              { title: "Get", acts: true, cell: (backup) => <Button small onClick={() => attempt(() => download(operations.backupLink(backup.name)))}>Download</Button> },
            ]} />
        </Panel>
        <KeysPanel />
        <Panel title="Restore">
          <p>A restore replaces everything, so it is done on the machine, with the gateway stopped:</p>
          <pre>kavach restore FILE</pre>
        </Panel>
      </div>
    </Page>
  );
}
