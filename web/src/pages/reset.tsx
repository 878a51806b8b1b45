// A forgotten password: by a mailed link (its token in the fragment), confirmed with the account's second factor
// where it asks for one, or by an authenticator's code.

import { useEffect, useState } from "preact/hooks";
import * as auth from "../api/auth";
import { messageOf } from "../api/client";
import type { Json } from "../api/client";
import { Link } from "../lib/router";
import { passkeysAvailable, usePasskey } from "../lib/webauthn";
import { Button, Form, Segmented, TextField } from "../ui/form";
import { Gate } from "../ui/gate";
import { Notice } from "../ui/panel";
import { PasskeyElsewhere } from "../ui/passkeys";
import { kPasswordMin } from "./setup";

const kChanged = "The password is changed. Sign in with the new one.";

interface Answer {
  good: boolean;
  text: string;
}

export function ResetPage() {
  const [token, setToken] = useState(() => window.location.hash.slice(1).replace(/^token=/, ""));
  const [answer, setAnswer] = useState<Answer>();
  const [busy, setBusy] = useState(false);
  const run = async (action: () => Promise<string>) => {
    setBusy(true);
    try {
      setAnswer({ good: true, text: await action() });
    } catch (error) {
      setAnswer({ good: false, text: messageOf(error) });
    }
    setBusy(false);
  };
  const startAgain = () => {
    setAnswer(undefined);
    setToken("");
  };
  return (
    <Gate title="Reset the password" foot={<Link to="/login">Back to sign in</Link>}>
      {answer === undefined ? null : <Notice tone={answer.good ? "good" : "bad"}>{answer.text}</Notice>}
      {token === "" ? <Forgotten run={run} busy={busy} />
        : answer?.good === true ? null : <WithLink token={token} run={run} busy={busy} onStartAgain={startAgain} />}
    </Gate>
  );
}

interface Props {
  run: (action: () => Promise<string>) => Promise<void>;
  busy: boolean;
}

const NewPassword = ({ value, onInput }: { value: string; onInput: (value: string) => void }) => (
  <TextField label="New password" type="password" value={value} onInput={onInput} autocomplete="new-password" minLength={kPasswordMin}
    maxLength={128} required />
);

const kWays = ["By mail", "By authenticator"] as const;

function Forgotten({ run, busy }: Props) {
  const [way, setWay] = useState<(typeof kWays)[number]>("By mail");
  const [account, setAccount] = useState("");
  const [code, setCode] = useState("");
  const [password, setPassword] = useState("");
  const byMail = way === "By mail";
  const submit = () =>
    run(async () => {
      if (byMail) {
        await auth.requestReset(account);
        return "If this account exists, a link that works for 15 minutes is on its way.";
      }
      await auth.confirmReset({ username: account, code, new_password: password });
      return kChanged;
    });
  return (
    <Form onSubmit={submit} label="Reset the password">
      <Segmented label="How" value={way} choices={kWays} onChange={setWay} />
      <TextField label={byMail ? "User name or e-mail" : "User name"} value={account} onInput={setAccount} autocomplete="username" required />
      {byMail ? null : (
        <>
          <TextField label="Code" value={code} onInput={setCode} inputMode="numeric" autocomplete="one-time-code" required
            hint="From your authenticator." />
          <NewPassword value={password} onInput={setPassword} />
        </>
      )}
      <Button kind="primary" wide submit busy={busy}>{byMail ? "Send the link" : "Set the password"}</Button>
    </Form>
  );
}

const kProofs = ["Code", "Passkey"] as const;
type Proof = (typeof kProofs)[number];

function WithLink({ token, run, busy, onStartAgain }: Props & { token: string; onStartAgain: () => void }) {
  const [methods, setMethods] = useState<string[]>();
  const [over, setOver] = useState("");
  const [chosen, setChosen] = useState<Proof>();
  const [code, setCode] = useState("");
  const [password, setPassword] = useState("");
  useEffect(() => {
    auth.resetMethods(token).then(setMethods, (error) => setOver(messageOf(error)));
  }, [token]);
  if (over !== "") {
    return (
      <>
        <Notice tone="bad">{over}</Notice>
        <Button kind="primary" wide onClick={onStartAgain}>Ask for a new link</Button>
      </>
    );
  }
  if (methods === undefined) return null;
  const totp = methods.includes("totp");
  const possible = kProofs.filter((proof) =>
    proof === "Passkey" ? methods.includes("passkey") && passkeysAvailable() : totp || methods.includes("recovery"));
  if (methods.length > 0 && possible.length === 0) return <PasskeyElsewhere then="Open the link with a browser that has it." />;
  const proof = chosen ?? (totp ? "Code" : possible[possible.length - 1]);
  const shown = async (): Promise<Json> => {
    if (proof === "Passkey") return { credential: await usePasskey((await auth.passkeyResetOptions(token)).publicKey) };
    return proof === "Code" ? { code: code.replace(/\s/g, "") } : {};
  };
  const submit = () =>
    run(async () => {
      await auth.confirmReset({ token, new_password: password, ...(await shown()) });
      return kChanged;
    });
  return (
    <Form onSubmit={submit} label="Reset the password">
      <NewPassword value={password} onInput={setPassword} />
      {possible.length > 1 && proof !== undefined ? <Segmented label="Confirm with" value={proof} choices={kProofs} onChange={setChosen} /> : null}
      {proof === "Code" ? (
        <TextField label={totp ? "Code" : "Recovery code"} value={code} onInput={setCode} inputMode={totp ? "numeric" : "text"}
          autocomplete="one-time-code" required hint={totp ? "From your authenticator, or a recovery code." : "One of your recovery codes."} />
      ) : null}
      {proof === "Passkey" ? <p class="muted">Your browser asks for the passkey of this account.</p> : null}
      <Button kind="primary" wide submit busy={busy}>{proof === "Passkey" ? "Set the password with a passkey" : "Set the password"}</Button>
    </Form>
  );
}
