// What leads to a ban. A change is in force at once.

import { useState } from "preact/hooks";
import * as security from "../../api/security";
import type { Thresholds } from "../../api/security";
import { attempt } from "../../ui/asking";
import { Button, Check, Form, TextField } from "../../ui/form";
import { Panel } from "../../ui/panel";

type NumberName = Exclude<keyof Thresholds, "auto_ban_enabled">;
const kFields: readonly [NumberName, string][] = [
  ["invalid_api_key_threshold", "Wrong API keys in a day"],
  ["invalid_api_key_ban_hours", "Ban, hours"],
  ["not_found_threshold", "Missing paths in a day"],
  ["not_found_ban_hours", "Ban, hours"],
  ["failed_login_threshold", "Failed logins in a day"],
  ["failed_login_ban_hours", "Ban, hours"],
  ["repeat_offender_limit", "Bans until permanent"],
];

export function ThresholdsPanel({ settings, onChange }: { settings: Thresholds; onChange: () => void }) {
  const [edited, setEdited] = useState<Partial<Record<NumberName, string>>>({});
  const [busy, setBusy] = useState(false);
  const save = async (change: Partial<Thresholds>) => {
    setBusy(true);
    if (await attempt(() => security.saveThresholds(change), "Saved, and in force.")) {
      setEdited({});
      onChange();
    }
    setBusy(false);
  };
  const submit = () =>
    save(Object.fromEntries(Object.entries(edited).map(([name, text]) => [name, Number(text)])));
  return (
    <Panel title="Thresholds">
      <Form onSubmit={submit} label="Thresholds">
        <Check checked={settings.auto_ban_enabled} disabled={busy} onChange={(value) => void save({ auto_ban_enabled: value })}>Ban automatically</Check>
        <div class="form-row">
          {kFields.map(([name, label]) => (
            <TextField key={name} label={label} type="number" min={1} step={1} required value={edited[name] ?? String(settings[name])}
              onInput={(text) => setEdited((now) => ({ ...now, [name]: text }))} />
          ))}
        </div>
        <div class="form-actions"><Button kind="primary" submit busy={busy} disabled={Object.keys(edited).length === 0}>Save</Button></div>
      </Form>
    </Panel>
  );
}
