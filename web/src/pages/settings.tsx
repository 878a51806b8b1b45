// Settings of the gateway and of its mail.

import { useState } from "preact/hooks";
import * as operations from "../api/operations";
import type { Setting, Smtp } from "../api/operations";
import { span } from "../lib/format";
import { usePolled } from "../lib/poll";
import { attempt } from "../ui/asking";
import { Button, Form, SelectField, TextField } from "../ui/form";
import { Badge, Page, Panel, Trouble } from "../ui/panel";
import { Table } from "../ui/table";

export function SettingsPage() {
  const { data, error, refresh } = usePolled(() => operations.settings(), 0);
  return (
    <Page title="Settings">
      <div class="grid">
        <div class="span-7 stack">
          <Trouble error={error} />
          <SettingsPanel settings={data?.settings} onChange={refresh} />
        </div>
        <div class="span-5 stack">
          <HealthPanel />
          {data === undefined ? null : <SmtpPanel smtp={data.smtp} onChange={refresh} />}
        </div>
      </div>
    </Page>
  );
}

function SettingsPanel({ settings, onChange }: { settings: Setting[] | undefined; onChange: () => void }) {
  const [edited, setEdited] = useState<Record<string, string>>({});
  const changed = Object.keys(edited).length;
  const save = async () => {
    if (await attempt(() => operations.saveSettings(edited), "Saved, and in force.")) {
      setEdited({});
      onChange();
    }
  };
  const value = (setting: Setting) =>
    setting.editable ? (
      <input class="input" aria-label={setting.name} value={edited[setting.name] ?? setting.value} spellcheck={false}
        onInput={(event) => {
          const text = event.currentTarget.value;
          setEdited((now) => ({ ...now, [setting.name]: text }));
        }} />
    ) : (
      <span class="mono">{setting.value === "" ? "\u2013" : setting.value}</span>
    );
  return (
    <Panel title="Gateway" flush actions={<Button kind="primary" disabled={changed === 0} onClick={save}>Save</Button>}>
      <Table caption="Settings" rows={settings} keyOf={(setting) => setting.name} empty="No setting is shown here."
        columns={[
          { title: "Name", cell: (setting) => <span class="mono" title={setting.description}>{setting.name}</span>, sort: (setting) => setting.name },
          { title: "Value", cell: value, wrap: true },
          { title: "From", cell: (setting) => <Badge>{setting.source}</Badge>, hidePhone: true, sort: (setting) => setting.source },
        ]} />
    </Panel>
  );
}

function HealthPanel() {
  const { data, error } = usePolled(operations.health, 30_000);
  return (
    <Panel title="Health" flush>
      <Trouble error={error} />
      <Table caption="Health checks" rows={data?.checks} keyOf={(check) => check.name} empty="No check ran."
        columns={[
          { title: "Check", cell: (check) => check.name },
          { title: "State", cell: (check) => <Badge tone={check.ok ? "good" : "bad"}>{check.ok ? "ok" : "failed"}</Badge> },
          { title: "Detail", cell: (check) => check.detail, wrap: true },
        ]} />
      {data === undefined ? null : <div class="body muted">Kavach {data.version}, running for {span(data.uptime_seconds)}</div>}
    </Panel>
  );
}

const kSecurity = [
  { value: "starttls", label: "STARTTLS" },
  { value: "tls", label: "TLS" },
  { value: "none", label: "None (only on this machine)" },
];

function SmtpPanel({ smtp, onChange }: { smtp: Smtp; onChange: () => void }) {
  const [host, setHost] = useState(smtp.host);
  const [port, setPort] = useState(String(smtp.port));
  const [security, setSecurity] = useState<string>(smtp.security);
  const [username, setUsername] = useState(smtp.username);
  const [password, setPassword] = useState("");
  const [from, setFrom] = useState(smtp.from);
  const [to, setTo] = useState("");
  const save = async () => {
    const mail = { host, port: Number(port), security, username, from, ...(password === "" ? {} : { password }) };
    if (await attempt(() => operations.saveSmtp(mail), "Saved.")) {
      setPassword("");
      onChange();
    }
  };
  return (
    <Panel title="Mail for password resets and alerts">
      <div class="form">
        <Form onSubmit={save} label="Mail server">
          <div class="form-row">
            <TextField label="Server" value={host} onInput={setHost} placeholder="smtp.example.com" />
            <TextField label="Port" type="number" value={port} onInput={setPort} min={1} step={1} />
          </div>
          <SelectField label="Encryption" value={security} choices={kSecurity} onChange={setSecurity} />
          <TextField label="User" value={username} onInput={setUsername} />
          <TextField label="Password" type="password" value={password} onInput={setPassword} autocomplete="new-password" {...(smtp.password_set ? { placeholder: "unchanged" } : {})} />
          <TextField label="Sender" type="email" value={from} onInput={setFrom} />
          <div class="form-actions"><Button kind="primary" submit>Save</Button></div>
        </Form>
        <Form onSubmit={() => void attempt(() => operations.testSmtp(to), "A mail is sent.")} class="filters" label="Test mail">
          <TextField label="Send a test to" type="email" value={to} onInput={setTo} required />
          <Button submit>Send</Button>
        </Form>
      </div>
    </Panel>
  );
}
