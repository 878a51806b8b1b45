// The settings in force, the mail server, and the gateway's health.

import { useState } from "preact/hooks";
import * as operations from "../api/operations";
import type { Smtp } from "../api/operations";
import { span } from "../lib/format";
import { usePolled } from "../lib/poll";
import { attempt } from "../ui/asking";
import { Button, Form, SelectField, TextField } from "../ui/form";
import { Badge, Page, Panel, Trouble } from "../ui/panel";
import { Table } from "../ui/table";

const kHealthMs = 30_000;

export function SettingsPage() {
  const { data, error, refresh } = usePolled(() => operations.settings(), 0);
  return (
    <Page title="Settings">
      <div class="grid">
        <div class="span-7 stack">
          <Trouble error={error} />
          <Panel title="Settings in force" flush>
            <Table caption="Settings" rows={data?.settings} keyOf={(setting) => setting.name} empty="No setting is shown here."
              columns={[
                { title: "Name", cell: (setting) => <span class="mono strong">{setting.name}</span>, sort: (setting) => setting.name },
                { title: "Value", cell: (setting) => <span class="mono">{setting.value === "" ? "\u2013" : setting.value}</span>, wrap: true },
                { title: "From", cell: (setting) => <Badge tone={setting.source === "default" ? "plain" : "info"}>{setting.source}</Badge>, sort: (setting) => setting.source },
              ]} />
          </Panel>
        </div>
        <div class="span-5 stack">
          <HealthPanel />
          {data === undefined ? null : <SmtpPanel smtp={data.smtp ?? kNoSmtp} onChange={refresh} />}
          <Panel title="Changing a setting">
            <p>Settings come from the environment or from <code>kavach.env</code> in the data folder, and are read when the gateway starts.</p>
            <p>Ban thresholds are changed on the Security page and are in force at once.</p>
          </Panel>
        </div>
      </div>
    </Page>
  );
}

function HealthPanel() {
  const { data, error } = usePolled(operations.health, kHealthMs);
  return (
    <Panel title="Health" flush>
      <Trouble error={error} />
      <Table caption="Health checks" rows={data?.checks} keyOf={(check) => check.name} empty="No check is configured."
        columns={[
          { title: "Check", cell: (check) => check.name },
          { title: "State", cell: (check) => <Badge tone={check.ok ? "good" : "bad"}>{check.ok ? "ok" : "failed"}</Badge> },
          { title: "Detail", cell: (check) => check.detail, wrap: true },
        ]} />
      {data === undefined ? null : <div class="body muted">Kavach {data.version}, running for {span(data.uptime_seconds)}</div>}
    </Panel>
  );
}

const kNoSmtp: Smtp = { host: "", port: 587, username: "", from: "", security: "starttls", password_set: false };
const kSecurity = [
  { value: "starttls", label: "STARTTLS" },
  { value: "tls", label: "TLS" },
  { value: "none", label: "None (only on this machine)" },
];

function SmtpPanel({ smtp, onChange }: { smtp: Smtp; onChange: () => void }) {
  const [host, setHost] = useState(smtp.host);
  const [port, setPort] = useState(String(smtp.port));
  const [security, setSecurity] = useState(smtp.security);
  const [username, setUsername] = useState(smtp.username);
  const [password, setPassword] = useState("");
  const [from, setFrom] = useState(smtp.from);
  const [to, setTo] = useState("");
  const save = async () => {
    const mail = { host, port: Number(port), security, username, from, ...(password === "" ? {} : { password }) };
    if (await attempt(() => operations.saveSmtp(mail), "Saved. Send a test mail to be sure.")) {
      setPassword("");
      onChange();
    }
  };
  return (
    <Panel title="Mail, for password resets and alerts">
      <div class="form">
        <Form onSubmit={save} label="Mail server">
          <div class="form-row">
            <TextField label="Server" value={host} onInput={setHost} placeholder="smtp.example.com" required />
            <TextField label="Port" type="number" value={port} onInput={setPort} min={1} step={1} required />
          </div>
          <SelectField label="Encryption" value={security} choices={kSecurity} onChange={setSecurity} />
          <TextField label="User" value={username} onInput={setUsername} />
          <TextField label="Password" type="password" value={password} onInput={setPassword} autocomplete="new-password"
            {...(smtp.password_set ? { placeholder: "unchanged" } : {})} />
          <TextField label="Sender" type="email" value={from} onInput={setFrom} required />
          <div class="form-actions"><Button kind="primary" submit>Save</Button></div>
        </Form>
        <Form onSubmit={() => void attempt(() => operations.testSmtp(to), "The mail server took the mail.")} class="filters" label="Test mail">
          <TextField label="Send a test to" type="email" value={to} onInput={setTo} required />
          <Button submit disabled={smtp.host === ""}>Send</Button>
        </Form>
      </div>
    </Panel>
  );
}
