// The master secrets' generations and their rotation, on the backup page: both are about what a restore needs.

import { useState } from "preact/hooks";
import { keys, rotateKeys } from "../api/keys";
import type { Rotation } from "../api/keys";
import { count, time } from "../lib/format";
import { usePolled } from "../lib/poll";
import { attempt } from "../ui/asking";
import { Button } from "../ui/form";
import { Notice, Panel, Trouble } from "../ui/panel";
import { Table } from "../ui/table";

const kWatchMs = 1_000;

function Progress({ rotation }: { rotation: Rotation }) {
  const what = rotation.masters.length === 0 ? "encrypted values" : rotation.masters.join(", ");
  if (rotation.state === "running") {
    const all = rotation.resealed + rotation.remaining;
    return (
      <div role="status">
        <p>Rotating {what}: {count(rotation.resealed)} of {count(all)} values encrypted again.</p>
        <progress aria-label="Values encrypted again" max={Math.max(all, 1)} value={rotation.resealed} />
      </div>
    );
  }
  if (rotation.state === "failed") return <Notice tone="bad">The rotation of {time(rotation.requested_at)} was given up: {rotation.problem}</Notice>;
  return (
    <p class="muted">
      Last rotated {time(rotation.finished_at ?? rotation.requested_at)} by {rotation.requested_by}: {what}, {count(rotation.resealed)} values encrypted again.
    </p>
  );
}

export function KeysPanel() {
  const [watching, setWatching] = useState(false);
  const { data, error, refresh } = usePolled(keys, watching ? kWatchMs : 0);
  const [busy, setBusy] = useState(false);
  const running = data?.rotation?.state === "running";
  if (running !== watching && data !== undefined) setWatching(running);
  const rotate = async (which: string) => {
    setBusy(true);
    if (await attempt(() => rotateKeys(which), "The rotation has begun.")) refresh();
    setBusy(false);
  };
  return (
    <Panel title="Master secrets" flush actions={<Button busy={busy || running} onClick={() => rotate("all")}>Rotate all</Button>}>
      <Trouble error={error} />
      <Table caption="Master secrets" rows={data?.masters} keyOf={(master) => master.name} empty="None."
        columns={[
          { title: "Secret", cell: (master) => <span class="mono">{master.setting}</span> },
          { title: "Id", cell: (master) => <span class="mono">{master.current}</span> },
          { title: "Source", cell: (master) => master.source, hidePhone: true },
          { title: "Older generations", wrap: true, hidePhone: true, cell: (master) => master.older.length === 0 ? <span class="muted">none</span> :
            master.older.map((older) => <div key={older.id}><span class="mono">{older.id}</span> needed by {older.needed_by}</div>) },
          { title: "Rotate", acts: true, cell: (master) => (
            <Button small busy={busy || running} label={`Rotate ${master.setting}`} onClick={() => rotate(master.name)}>Rotate</Button>
          ) },
        ]} />
      {data?.rotation === null || data === undefined ? null : <div class="body"><Progress rotation={data.rotation} /></div>}
    </Panel>
  );
}
