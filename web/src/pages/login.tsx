// Sign in: password, then a second factor where the account has one; or a passkey alone.

import { useState } from "preact/hooks";
import * as auth from "../api/auth";
import { messageOf } from "../api/client";
import { Link } from "../lib/router";
import { passkeysAvailable, usePasskey } from "../lib/webauthn";
import { Button, Form, TextField } from "../ui/form";
import { Gate } from "../ui/gate";
import { Notice } from "../ui/panel";
import { PasskeyElsewhere } from "../ui/passkeys";

type Run = (action: () => Promise<void>) => Promise<void>;

export function LoginPage({ onDone }: { onDone: () => Promise<void> }) {
  const [methods, setMethods] = useState<string[]>();
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);

  const run: Run = async (action) => {
    setBusy(true);
    setProblem("");
    try {
      await action();
    } catch (error) {
      setProblem(messageOf(error));
    }
    setBusy(false);
  };
  const withPasskey = () =>
    run(async () => {
      const { publicKey } = await auth.passkeyLoginOptions();
      await auth.loginWithPasskey(await usePasskey(publicKey));
      await onDone();
    });
  const passkey = passkeysAvailable() && (methods === undefined || methods.includes("passkey"));
  // Where nothing but recovery codes could replace it, the passkey is the usual way.
  const passkeyFirst = passkey && methods !== undefined && !methods.includes("totp");
  const passkeyButton = passkey ? <Button kind={passkeyFirst ? "primary" : "plain"} wide disabled={busy} onClick={withPasskey}>Use a passkey</Button> : null;

  return (
    <Gate title={methods === undefined ? "Sign in" : "Second factor"}
      foot={<Link to="/reset-password">Forgotten password</Link>}>
      {problem === "" ? null : <Notice tone="bad">{problem}</Notice>}
      {passkeyFirst ? passkeyButton : null}
      {methods === undefined ? (
        <PasswordStep run={run} busy={busy} onDone={onDone} onSecondFactor={setMethods} />
      ) : (
        <SecondStep run={run} busy={busy} onDone={onDone} methods={methods} passkeyFirst={passkeyFirst} />
      )}
      {passkeyFirst ? null : passkeyButton}
      {methods === undefined ? null : <Button kind="quiet" wide onClick={() => setMethods(undefined)}>Start again</Button>}
    </Gate>
  );
}

interface StepProps {
  run: Run;
  busy: boolean;
  onDone: () => Promise<void>;
}

function PasswordStep({ run, busy, onDone, onSecondFactor }: StepProps & { onSecondFactor: (methods: string[]) => void }) {
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const submit = () =>
    run(async () => {
      const step = await auth.login(username, password);
      setPassword("");
      if (step.totp_required) onSecondFactor(step.methods);
      else await onDone();
    });
  return (
    <Form onSubmit={submit} label="Sign in">
      <TextField label="User name" value={username} onInput={setUsername} autocomplete="username" name="username" required autofocus />
      <TextField label="Password" type="password" value={password} onInput={setPassword} autocomplete="current-password" name="password" required />
      <Button kind="primary" wide submit busy={busy}>Sign in</Button>
    </Form>
  );
}

function SecondStep({ run, busy, onDone, methods, passkeyFirst }: StepProps & { methods: string[]; passkeyFirst: boolean }) {
  const [code, setCode] = useState("");
  const totp = methods.includes("totp");
  const submit = () =>
    run(async () => {
      try {
        await auth.loginWithCode(code.replace(/\s/g, ""));
      } finally {
        setCode("");
      }
      await onDone();
    });
  if (!totp && !methods.includes("recovery")) {
    return passkeysAvailable() ? null : <PasskeyElsewhere then="Sign in with a browser that has it." />;
  }
  return (
    <Form onSubmit={submit} label="Second factor">
      <TextField label={totp ? "Code" : "Recovery code"} value={code} onInput={setCode} autocomplete="one-time-code" name="code" inputMode="text" required autofocus={!passkeyFirst}
        hint={totp ? "Six digits from your authenticator, or one of your recovery codes." : "If your passkey is not at hand: one of your recovery codes."} />
      <Button kind={passkeyFirst ? "plain" : "primary"} wide submit busy={busy}>Continue</Button>
    </Form>
  );
}
