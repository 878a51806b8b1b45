// What leads to a ban, the rates, and which defences only count. The gateway names the settings; a change
// is in force at once.

import { useState } from "preact/hooks";
import * as security from "../../api/security";
import type { GuardSettings, GuardValue } from "../../api/security";
import { words } from "../../lib/format";
import { attempt } from "../../ui/asking";
import { Button, Check, Form, TextField } from "../../ui/form";
import { Panel } from "../../ui/panel";

const kThreshold = "_threshold";
const kBan = "_ban_hours";
const kRate = "_rate_limit";
const kShadow = "shadow_";

interface Props {
  settings: GuardSettings;
  onChange: () => void;
}

/** What is typed and not yet saved. */
function useEdits({ settings, onChange }: Props) {
  const [edits, setEdits] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState(false);
  const save = async (change: GuardSettings) => {
    setBusy(true);
    if (await attempt(() => security.saveGuardSettings(change), "Saved, and in force.")) {
      setEdits({});
      onChange();
    }
    setBusy(false);
  };
  return {
    busy,
    changed: Object.keys(edits).length > 0,
    textOf: (name: string): string => edits[name] ?? String(settings[name] ?? ""),
    edit: (name: string) => (text: string) => setEdits((now) => ({ ...now, [name]: text })),
    save,
    /** With the types the gateway knows them by: it refuses a number in quotes. */
    submit: () => {
      const typed = (name: string, text: string): GuardValue => (typeof settings[name] === "number" ? Number(text) : text);
      return save(Object.fromEntries(Object.entries(edits).map(([name, text]) => [name, typed(name, text)])));
    },
  };
}

export function ThresholdsPanel(props: Props) {
  const { settings } = props;
  const { busy, changed, textOf, edit, save, submit } = useEdits(props);
  const offences = Object.keys(settings).filter((name) => name.endsWith(kThreshold)).map((name) => name.slice(0, -kThreshold.length));
  const number = (name: string, label: string) => (
    <TextField label={label} type="number" min={0} step="any" required value={textOf(name)} onInput={edit(name)} />
  );
  return (
    <Panel title="Ban thresholds">
      <Form onSubmit={submit} label="Thresholds">
        <Check checked={settings["auto_ban_enabled"] === true} disabled={busy} onChange={(value) => void save({ auto_ban_enabled: value })}>Ban automatically</Check>
        <div class="threshold-grid">
          {offences.map((offence) => (
            <fieldset key={offence} class="threshold">
              <legend>{words(offence)}</legend>
              {number(offence + kThreshold, "Offences a day")}
              {number(offence + kBan, "Hours of ban")}
            </fieldset>
          ))}
        </div>
        {number("repeat_offender_limit", "The ban after this many is permanent")}
        <div class="form-actions"><Button kind="primary" submit busy={busy} disabled={!changed}>Save</Button></div>
      </Form>
    </Panel>
  );
}

export function RatesPanel(props: Props) {
  const { settings } = props;
  const { busy, changed, textOf, edit, submit } = useEdits(props);
  const names = Object.keys(settings).filter((name) => name.endsWith(kRate));
  if (names.length === 0) return null;
  return (
    <Panel title="Rate limits">
      <Form onSubmit={submit} label="Rate limits">
        <div class="threshold-grid">
          {names.map((name) => (
            <TextField key={name} label={words(name.slice(0, -kRate.length))} required value={textOf(name)} onInput={edit(name)} placeholder="10 per second" />
          ))}
        </div>
        <div class="form-actions"><Button kind="primary" submit busy={busy} disabled={!changed}>Save</Button></div>
      </Form>
    </Panel>
  );
}

export function ShadowPanel(props: Props) {
  const { settings } = props;
  const { busy, save } = useEdits(props);
  const names = Object.keys(settings).filter((name) => name.startsWith(kShadow));
  if (names.length === 0) return null;
  return (
    <Panel title="Counted, not enforced">
      <p class="muted">A defence in shadow counts whom it would have refused and lets everybody pass.</p>
      <div class="form-row">
        {names.map((name) => (
          <Check key={name} checked={settings[name] === true} disabled={busy} onChange={(value) => void save({ [name]: value })}>{words(name.slice(kShadow.length))}</Check>
        ))}
      </div>
    </Panel>
  );
}
