// Second factor: an authenticator app, its recovery codes, and passkeys.

import { useState } from "preact/hooks";
import * as auth from "../api/auth";
import type { Enrolment, Purposes, TwoFactor } from "../api/auth";
import { messageOf } from "../api/client";
import { ago, count } from "../lib/format";
import { createPasskey, passkeysAvailable } from "../lib/webauthn";
import { ask, attempt, tell } from "../ui/asking";
import { CopyButton, SecretText } from "../ui/copy";
import { Dialog } from "../ui/dialog";
import { Button, Check, Form, TextField } from "../ui/form";
import { Badge, Notice, Panel } from "../ui/panel";
import { QrCode } from "../ui/qr";
import { Table } from "../ui/table";

interface Props {
  status: TwoFactor | undefined;
  onChange: () => void;
}

export function TwoFactorPanel({ status, onChange }: Props) {
  const [enrolment, setEnrolment] = useState<Enrolment>();
  const [codes, setCodes] = useState<string[]>();
  const keepsPasskey = status !== undefined && status.passkeys.length > 0;

  const begin = async () => {
    try {
      setEnrolment(await auth.beginTotp());
    } catch (error) {
      tell(messageOf(error), true);
    }
  };
  const disable = async () => {
    const text = keepsPasskey ? "A passkey, or a recovery code, will then be asked for." : "Your password alone will then open this account.";
    const yes = await ask({ title: "Remove the authenticator", text, action: "Remove", danger: true });
    if (yes && (await attempt(auth.disableTotp, "The authenticator is removed."))) onChange();
  };
  const enrolled = (newCodes: string[]) => {
    setEnrolment(undefined);
    setCodes(newCodes);
    onChange();
  };
  const badge = status === undefined ? null : <Badge {...(status.totp_enabled ? { tone: "good" } : keepsPasskey ? {} : { tone: "warn" })}>{status.totp_enabled ? "on" : "off"}</Badge>;
  return (
    <Panel title="Authenticator app" actions={badge}>
      {status === undefined ? null : status.totp_enabled ? (
        <div class="form">
          <p>Its codes open this account together with the password.</p>
          <div class="form-actions"><Button kind="danger" onClick={disable}>Remove</Button></div>
        </div>
      ) : enrolment === undefined ? (
        <div class="form">
          <p>{keepsPasskey ? "Your passkey guards this account. An authenticator serves where a browser cannot use it."
            : "A stolen password alone should not be enough to trade with your money."}</p>
          <div class="form-actions"><Button kind={keepsPasskey ? "plain" : "primary"} onClick={begin}>Set up an authenticator</Button></div>
        </div>
      ) : (
        <Enrol enrolment={enrolment} onDone={enrolled} />
      )}
      {codes === undefined ? null : <RecoveryCodes codes={codes} onClose={() => setCodes(undefined)} />}
    </Panel>
  );
}

/** For an authenticator and for passkeys alike: when they are asked for, and what stands in for them. */
export function FactorUsePanel({ status, onChange }: Props) {
  const [codes, setCodes] = useState<string[]>();
  if (status === undefined || (!status.totp_enabled && status.passkeys.length === 0)) return null;
  const renew = async () => {
    try {
      setCodes(await auth.newRecoveryCodes());
      onChange();
    } catch (error) {
      tell(messageOf(error), true);
    }
  };
  const left = status.recovery_codes_left;
  return (
    <Panel title="Use of the second factor">
      <div class="form">
        <PurposeChecks purposes={status.required_for} onChange={onChange} />
        {left === 0 ? (
          <Notice tone="warn">You have no recovery codes. Without one, a lost device locks you out until somebody at the gateway's machine helps.</Notice>
        ) : (
          <p>{count(left)} recovery {left === 1 ? "code is" : "codes are"} left.</p>
        )}
        <div class="form-actions"><Button onClick={renew}>New recovery codes</Button></div>
      </div>
      {codes === undefined ? null : <RecoveryCodes codes={codes} onClose={() => setCodes(undefined)} />}
    </Panel>
  );
}

const kPurposes: readonly { key: keyof Purposes; text: string }[] = [
  { key: "login", text: "Ask for it at every sign-in" },
  { key: "sensitive", text: "Ask again before sensitive changes: API keys, bans, key rotation" },
  { key: "reset", text: "Ask for it to reset the password" },
];

function PurposeChecks({ purposes, onChange }: { purposes: Purposes; onChange: () => void }) {
  const set = async (key: keyof Purposes, value: boolean) => {
    if (await attempt(() => auth.requireTotpFor({ ...purposes, [key]: value }), "Saved.")) onChange();
  };
  return <>{kPurposes.map(({ key, text }) => <Check key={key} checked={purposes[key]} onChange={(value) => void set(key, value)}>{text}</Check>)}</>;
}

function Enrol({ enrolment, onDone }: { enrolment: Enrolment; onDone: (codes: string[]) => void }) {
  const [code, setCode] = useState("");
  const [problem, setProblem] = useState("");
  const submit = async () => {
    try {
      onDone(await auth.confirmTotp(code.replace(/\s/g, "")));
    } catch (error) {
      setProblem(messageOf(error));
      setCode("");
    }
  };
  return (
    <div class="enrol">
      <QrCode size={enrolment.qr.size} modules={enrolment.qr.modules} label="QR code for the authenticator app" />
      <Form onSubmit={submit} label="Set up an authenticator">
        <p>Scan the code with an authenticator app, or enter this secret there:</p>
        <SecretText text={enrolment.secret} />
        {problem === "" ? null : <Notice tone="bad">{problem}</Notice>}
        <TextField label="The six digits it shows" value={code} onInput={setCode} inputMode="numeric" autocomplete="one-time-code" required maxLength={8} />
        <div class="form-actions"><Button kind="primary" submit>Turn on</Button></div>
      </Form>
    </div>
  );
}

function RecoveryCodes({ codes, onClose }: { codes: string[]; onClose: () => void }) {
  return (
    <Dialog title="Recovery codes" onClose={onClose} footer={<Button kind="primary" onClick={onClose}>I have kept them</Button>}>
      <Notice tone="warn">Each works once when your authenticator or passkey is lost. They are not shown again.</Notice>
      <div class="codes">{codes.map((code) => <span key={code}>{code}</span>)}</div>
      <div><CopyButton text={codes.join("\n")} label="Copy all" /></div>
    </Dialog>
  );
}

export function PasskeysPanel({ status, onChange }: Props) {
  const [name, setName] = useState("");
  const [busy, setBusy] = useState(false);
  const add = async () => {
    setBusy(true);
    const added = await attempt(async () => {
      const { publicKey } = await auth.passkeyCreationOptions();
      await auth.addPasskey(name.trim(), await createPasskey(publicKey));
    }, "The passkey is added.");
    if (added) {
      setName("");
      onChange();
    }
    setBusy(false);
  };
  const remove = async (id: string, title: string) => {
    const last = status !== undefined && !status.totp_enabled && status.passkeys.length === 1;
    const text = last ? "It is your only second factor: the password alone will then open this account, and recovery codes are void."
      : "This passkey will no longer open the account.";
    const yes = await ask({ title: `Remove ${title}`, text, action: "Remove", danger: true });
    if (yes && (await attempt(() => auth.removePasskey(id), "The passkey is removed."))) onChange();
  };
  return (
    <Panel title="Passkeys" flush>
      <Table caption="Passkeys" rows={status?.passkeys} keyOf={(passkey) => passkey.id} empty="No passkey. A passkey cannot be phished: it works on this address only."
        columns={[
          { title: "Name", cell: (passkey) => <span class="strong">{passkey.name}</span> },
          { title: "Last used", cell: (passkey) => ago(passkey.last_used_at) },
          { title: "Remove", acts: true, cell: (passkey) => <Button small kind="danger" onClick={() => void remove(passkey.id, passkey.name)}>Remove</Button> },
        ]} />
      {passkeysAvailable() ? (
        <div class="body">
          <Form onSubmit={add} class="filters" label="Add a passkey">
            <TextField label="Name of a new passkey" value={name} onInput={setName} placeholder="laptop" required maxLength={64} />
            <Button submit busy={busy}>Add a passkey</Button>
          </Form>
        </div>
      ) : null}
    </Panel>
  );
}
