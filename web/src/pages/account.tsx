// The signed-in user's own security: second factor, passkeys, password, devices.

import { useState } from "preact/hooks";
import * as auth from "../api/auth";
import type { ActiveSession } from "../api/auth";
import { messageOf } from "../api/client";
import { ago, time } from "../lib/format";
import { usePolled } from "../lib/poll";
import { useSession } from "../lib/session";
import { attempt, tell } from "../ui/asking";
import { Button, Form, TextField } from "../ui/form";
import { Badge, Notice, Page, Panel, Trouble } from "../ui/panel";
import { Table } from "../ui/table";
import type { Column } from "../ui/table";
import { kPasswordMin } from "./setup";
import { FactorUsePanel, PasskeysPanel, TwoFactorPanel } from "./twofactor";

export function AccountPage() {
  const { session } = useSession();
  const status = usePolled(() => auth.twoFactor(), 0);
  return (
    <Page title="Account">
      <div class="grid">
        <div class="stack span-7">
          <Trouble error={status.error} />
          <TwoFactorPanel status={status.data} onChange={status.refresh} />
          <PasskeysPanel status={status.data} onChange={status.refresh} />
          <FactorUsePanel status={status.data} onChange={status.refresh} />
          <SessionsPanel />
        </div>
        <div class="stack span-5">
          <Panel title="You">
            <dl class="facts">
              <dt>User</dt><dd>{session.username}</dd>
              <dt>E-mail</dt><dd>{session.email ?? "\u2013"}</dd>
              <dt>Role</dt><dd>{session.role}</dd>
              <dt>This session ends</dt><dd>{time(session.expires_at)}</dd>
            </dl>
          </Panel>
          <PasswordPanel />
        </div>
      </div>
    </Page>
  );
}

function PasswordPanel() {
  const { session } = useSession();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [again, setAgain] = useState("");
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async () => {
    if (next !== again) return setProblem("The two new passwords differ.");
    setBusy(true);
    setProblem("");
    try {
      await auth.changePassword(current, next);
      tell("The password is changed. All your other sessions are ended.");
      setCurrent("");
      setNext("");
      setAgain("");
    } catch (error) {
      setProblem(messageOf(error));
    }
    setBusy(false);
  };
  return (
    <Panel title="Password">
      <Form onSubmit={submit} label="Change the password">
        {problem === "" ? null : <Notice tone="bad">{problem}</Notice>}
        <input class="visually-hidden" type="text" autocomplete="username" value={session.username} readOnly tabIndex={-1} aria-hidden="true" />
        <TextField label="Current password" type="password" value={current} onInput={setCurrent} autocomplete="current-password" required />
        <TextField label="New password" type="password" value={next} onInput={setNext} autocomplete="new-password" minLength={kPasswordMin} maxLength={128} required
          hint="Changing it ends all your other sessions." />
        <TextField label="New password again" type="password" value={again} onInput={setAgain} autocomplete="new-password" required />
        <div class="form-actions"><Button kind="primary" submit busy={busy}>Change the password</Button></div>
      </Form>
    </Panel>
  );
}

function SessionsPanel() {
  const list = usePolled(() => auth.activeSessions(), 0);
  const end = async (entry: ActiveSession) => {
    if (await attempt(() => auth.endSession(entry.id), "The session is ended.")) list.refresh();
  };
  const columns: Column<ActiveSession>[] = [
    { title: "Device", cell: (entry) => <>{entry.device} {entry.current ? <Badge tone="good">this one</Badge> : null}</>, wrap: true },
    { title: "Address", cell: (entry) => entry.address },
    { title: "Signed in", cell: (entry) => time(entry.created_at), hidePhone: true },
    { title: "Last seen", cell: (entry) => ago(entry.last_seen_at), hidePhone: true },
    { title: "End", acts: true, cell: (entry) => (entry.current ? null : <Button small kind="danger" onClick={() => void end(entry)}>End</Button>) },
  ];
  return (
    <Panel title="Signed-in devices" flush>
      <Trouble error={list.error} />
      <Table caption="Sessions" columns={columns} rows={list.data} keyOf={(entry) => entry.id} empty="No session." />
    </Panel>
  );
}
