// API keys: made here, shown once, revoked at once.

import { useState } from "preact/hooks";
import * as auth from "../api/auth";
import type { ApiKey, KeyScope, NewApiKey } from "../api/auth";
import { messageOf } from "../api/client";
import { ago, time } from "../lib/format";
import { usePolled } from "../lib/poll";
import { useSession } from "../lib/session";
import { ask, attempt, tell } from "../ui/asking";
import { SecretText } from "../ui/copy";
import { Dialog } from "../ui/dialog";
import { Button, Check, Form, Segmented, SelectField, TextArea, TextField } from "../ui/form";
import { Badge, Notice, Page, Panel, Trouble } from "../ui/panel";
import { Table } from "../ui/table";
import type { Column } from "../ui/table";
import { FirstOrder, GettingOut } from "./firstorder";

const kGraceMinutes = 60;
const kTones = { active: "good", grace: "warn", expired: "plain", revoked: "plain" } as const;
const kScopeTones = { trade: "info", "square-off": "sell", read: "plain" } as const;
const kMay: Record<KeyScope, string> = {
  trade: "It may read, and place, change and cancel orders.",
  "square-off": "It may read, cancel orders and close positions, and open nothing: for a watchdog, or a shortcut on your phone.",
  read: "It may read and stream, and do nothing else.",
};

interface Shown {
  key: NewApiKey;
  scope: KeyScope;
}

export function ApiKeysPage() {
  const list = usePolled(() => auth.apiKeys(), 0);
  const [creating, setCreating] = useState(false);
  const [shown, setShown] = useState<Shown>();
  const [secret, setSecret] = useState<string>();

  const revoke = async (key: ApiKey) => {
    const yes = await ask({ title: `Revoke ${key.name}`, text: "Programs that use this key are refused from this moment. This cannot be undone.", action: "Revoke", danger: true });
    if (yes && (await attempt(() => auth.revokeApiKey(key.id), `${key.name} is revoked.`))) list.refresh();
  };
  const regenerate = async (key: ApiKey) => {
    const yes = await ask({ title: `Replace ${key.name}`, text: `A new key is made. The old one keeps working for ${kGraceMinutes} minutes.`, action: "Replace" });
    if (!yes) return;
    try {
      setShown({ key: await auth.regenerateApiKey(key.id, kGraceMinutes), scope: key.scope });
      list.refresh();
    } catch (error) {
      tell(messageOf(error), true);
    }
  };
  const reveal = async (key: ApiKey) => {
    try {
      setShown({ key: await auth.revealApiKey(key.id), scope: key.scope });
    } catch (error) {
      tell(messageOf(error), true);
    }
  };
  const sign = async (key: ApiKey) => {
    const yes = await ask({ title: `Signed requests for ${key.name}`, text: "From now on a request with this key must be signed with its secret, or it is refused. The manual has examples in Python and Node.", action: "Require signatures", danger: true });
    if (!yes) return;
    try {
      setSecret((await auth.requireSigning(key.id)).signing_secret);
      list.refresh();
    } catch (error) {
      tell(messageOf(error), true);
    }
  };
  const columns: Column<ApiKey>[] = [
    { title: "Name", cell: (key) => <span class="strong">{key.name}</span>, sort: (key) => key.name },
    { title: "Key", cell: (key) => <span class="mono muted">{key.masked}</span>, hidePhone: true },
    { title: "Scope", cell: (key) => <><Badge tone={kScopeTones[key.scope]}>{key.scope}</Badge> {key.signing_required === true ? <Badge tone="good">signed</Badge> : null}</>, sort: (key) => key.scope },
    { title: "Addresses", cell: (key) => (key.allow.length === 0 ? <span class="muted">any</span> : key.allow.join(", ")), hidePhone: true },
    { title: "Expires", cell: (key) => (key.expires_at === null ? <span class="muted">never</span> : time(key.expires_at)), hidePhone: true },
    {
      title: "Last used",
      cell: (key) => (key.last_used_at === null ? <span class="muted">never</span> : <>{ago(key.last_used_at)} <span class="muted">{key.last_used_address}</span></>),
    },
    {
      title: "State",
      cell: (key) =>
        key.exposed === true && key.status === "active" ? (
          <span title="This key was sent in a URL and may be in a log: replace it."><Badge tone="bad">exposed</Badge></span>
        ) : (
          <Badge tone={kTones[key.status]}>{key.status}</Badge>
        ),
    },
    {
      title: "Change",
      acts: true,
      cell: (key) =>
        key.status !== "active" ? null : (
          <div class="row-actions">
            {key.retrievable === true ? <Button small onClick={() => void reveal(key)}>Show</Button> : null}
            {key.signing_required === true ? null : <Button small onClick={() => void sign(key)}>Sign</Button>}
            <Button small onClick={() => void regenerate(key)}>Replace</Button>
            <Button small kind="danger" onClick={() => void revoke(key)} label={`Revoke ${key.name}`}>Revoke</Button>
          </div>
        ),
    },
  ];
  return (
    <Page title="API keys" actions={<Button kind="primary" onClick={() => setCreating(true)}>New API key</Button>}>
      <div class="stack">
        <Trouble error={list.error} />
        <Panel title="Keys" flush>
          <Table caption="API keys" columns={columns} rows={list.data} keyOf={(key) => key.id}
            empty={<><p>No key yet. A program needs one to place orders.</p><Button kind="primary" onClick={() => setCreating(true)}>New API key</Button></>} />
        </Panel>
      </div>
      {creating ? (
        <CreateDialog onClose={() => setCreating(false)} onCreated={(created) => {
          setCreating(false);
          setShown(created);
          list.refresh();
        }} />
      ) : null}
      {shown === undefined ? null : <ShownOnce shown={shown} onClose={() => setShown(undefined)} />}
      {secret === undefined ? null : (
        <Dialog title="Signing secret" onClose={() => setSecret(undefined)} footer={<Button kind="primary" onClick={() => setSecret(undefined)}>I have kept it</Button>}>
          <Notice tone="warn">This is the only time the secret is shown.</Notice>
          <SecretText text={secret} />
        </Dialog>
      )}
    </Page>
  );
}

const kExpiries = [
  { value: "", label: "Never" },
  { value: "7", label: "In 7 days" },
  { value: "30", label: "In 30 days" },
  { value: "90", label: "In 90 days" },
  { value: "365", label: "In a year" },
];

function CreateDialog({ onClose, onCreated }: { onClose: () => void; onCreated: (created: Shown) => void }) {
  const { session } = useSession();
  const scopes: readonly KeyScope[] = session.role === "viewer" ? ["read"] : ["trade", "square-off", "read"];
  const [name, setName] = useState("");
  const [scope, setScope] = useState<KeyScope>(scopes[0] ?? "read");
  const [days, setDays] = useState("");
  const [allow, setAllow] = useState("");
  const [retrievable, setRetrievable] = useState(false);
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async () => {
    setBusy(true);
    setProblem("");
    try {
      const networks = allow.split(/[\s,]+/).filter((part) => part !== "");
      onCreated({ key: await auth.createApiKey({ name: name.trim(), scope, expires_days: days === "" ? null : Number(days), allow: networks, retrievable }), scope });
    } catch (error) {
      setProblem(messageOf(error));
      setBusy(false);
    }
  };
  return (
    <Dialog title="New API key" onClose={onClose}>
      <Form onSubmit={submit} label="New API key">
        {problem === "" ? null : <Notice tone="bad">{problem}</Notice>}
        <TextField label="Name" value={name} onInput={setName} required maxLength={64} placeholder="tradingview" autofocus hint="What uses it, so that you know later what to revoke." />
        <Segmented label="Scope" value={scope} choices={scopes} onChange={setScope} hint={kMay[scope]} />
        <SelectField label="Expires" value={days} choices={kExpiries} onChange={setDays} />
        <TextArea label="Only from these addresses" value={allow} onInput={setAllow} placeholder="203.0.113.7, 10.0.0.0/8" hint="Addresses or networks. Empty: from anywhere." />
        <Check checked={retrievable} onChange={setRetrievable}>Keep it encrypted, to be shown again with a second factor</Check>
        <div class="form-actions"><Button kind="primary" submit busy={busy}>Create the key</Button></div>
      </Form>
    </Dialog>
  );
}

function ShownOnce({ shown, onClose }: { shown: Shown; onClose: () => void }) {
  const key = shown.key.api_key;
  return (
    <Dialog title="Your new API key" onClose={onClose} footer={<Button kind="primary" onClick={onClose}>I have kept it</Button>}>
      <Notice tone="warn">Copy it now. Unless you chose otherwise, Kavach keeps only a hash of it and cannot show it again.</Notice>
      <SecretText text={key} />
      {shown.scope === "trade" ? <FirstOrder apiKey={key} /> : null}
      {shown.scope === "square-off" ? <GettingOut apiKey={key} /> : null}
    </Dialog>
  );
}
