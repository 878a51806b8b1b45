// Accounts and roles, for the owner.

import { useState } from "preact/hooks";
import * as auth from "../api/auth";
import type { Role, User } from "../api/auth";
import { messageOf } from "../api/client";
import { ago, time } from "../lib/format";
import { usePolled } from "../lib/poll";
import { useSession } from "../lib/session";
import { ask, attempt } from "../ui/asking";
import { Dialog } from "../ui/dialog";
import { Button, Form, SelectField, TextField } from "../ui/form";
import { Badge, Notice, Page, Panel, Trouble } from "../ui/panel";
import { Table } from "../ui/table";
import type { Column } from "../ui/table";
import { kPasswordMin } from "./setup";

const hasFactor = (user: User): boolean => user.totp_enabled || user.passkeys > 0;

function factorsOf(user: User): string {
  if (!hasFactor(user)) return "password only";
  if (user.passkeys === 0) return "authenticator";
  return user.totp_enabled ? "authenticator, passkey" : "passkey";
}

export function UsersPage() {
  const { session } = useSession();
  const list = usePolled(() => auth.users(), 0);
  const [adding, setAdding] = useState(false);
  const setEnabled = async (user: User, enabled: boolean) => {
    const yes = enabled || (await ask({
      title: `Disable ${user.username}`,
      text: "The sessions, API keys and sockets of this account end within a second.",
      action: "Disable",
      danger: true,
    }));
    if (yes && (await attempt(() => auth.enableUser(user.username, enabled)))) list.refresh();
  };
  const columns: Column<User>[] = [
    { title: "User", cell: (user) => <span class="strong">{user.username}</span>, sort: (user) => user.username },
    { title: "E-mail", cell: (user) => user.email, hidePhone: true },
    { title: "Role", cell: (user) => user.role, sort: (user) => user.role },
    { title: "Second factor", cell: (user) => <Badge tone={hasFactor(user) ? "good" : "warn"}>{factorsOf(user)}</Badge> },
    { title: "Created", cell: (user) => time(user.created_at), hidePhone: true },
    { title: "Last sign-in", cell: (user) => ago(user.last_login_at), hidePhone: true },
    { title: "State", cell: (user) => <Badge tone={user.enabled ? "good" : "plain"}>{user.enabled ? "enabled" : "disabled"}</Badge> },
    {
      title: "Change",
      acts: true,
      cell: (user) =>
        user.username === session.username ? null : (
          <Button small kind={user.enabled ? "danger" : "plain"} onClick={() => void setEnabled(user, !user.enabled)}>{user.enabled ? "Disable" : "Enable"}</Button>
        ),
    },
  ];
  return (
    <Page title="Users" actions={<Button kind="primary" onClick={() => setAdding(true)}>New user</Button>}>
      <div class="stack">
        <Trouble error={list.error} />
        <Panel title="Accounts" flush><Table caption="Users" columns={columns} rows={list.data} keyOf={(user) => user.username} empty="No account." /></Panel>
      </div>
      {adding ? <AddDialog onClose={() => setAdding(false)} onDone={list.refresh} /> : null}
    </Page>
  );
}

const kRoles = [
  { value: "trader", label: "Trader: own keys and orders" },
  { value: "viewer", label: "Viewer: looks, never trades" },
  { value: "owner", label: "Owner: everything" },
];

function AddDialog({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const [username, setUsername] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [role, setRole] = useState<string>("trader");
  const [problem, setProblem] = useState("");
  const submit = async () => {
    try {
      await auth.addUser({ username, email, password, role: role as Role });
      onDone();
      onClose();
    } catch (error) {
      setProblem(messageOf(error));
    }
  };
  return (
    <Dialog title="New user" onClose={onClose}>
      <Form onSubmit={submit} label="New user">
        {problem === "" ? null : <Notice tone="bad">{problem}</Notice>}
        <TextField label="User name" value={username} onInput={setUsername} required maxLength={64} />
        <TextField label="E-mail" type="email" value={email} onInput={setEmail} required />
        <SelectField label="Role" value={role} choices={kRoles} onChange={setRole} />
        <TextField label="First password" type="password" value={password} onInput={setPassword} autocomplete="new-password" minLength={kPasswordMin} maxLength={128} required />
        <div class="form-actions"><Button kind="primary" submit>Create the account</Button></div>
      </Form>
    </Dialog>
  );
}
