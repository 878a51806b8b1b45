// What interrupts the user: confirmations, the request for a second factor, and short messages.
// One host near the root shows them; any code may ask.

import { useEffect, useState } from "preact/hooks";
import * as auth from "../api/auth";
import { messageOf, setPrompts } from "../api/client";
import { passkeysAvailable, usePasskey } from "../lib/webauthn";
import { Dialog } from "./dialog";
import { Button, Form, TextField } from "./form";
import { Notice } from "./panel";
import { PasskeyElsewhere } from "./passkeys";

export interface Question {
  title: string;
  text: string;
  action: string;
  danger?: boolean;
}
type Pending =
  | { kind: "question"; question: Question; answer: (yes: boolean) => void }
  | { kind: "proof"; answer: (yes: boolean) => void };

interface Toast {
  id: number;
  text: string;
  bad: boolean;
}

let showPending: (pending: Pending) => void = () => undefined;
let showToast: (toast: Toast) => void = () => undefined;
let toastCount = 0;

export const ask = (question: Question): Promise<boolean> =>
  new Promise((answer) => showPending({ kind: "question", question, answer }));

export function tell(text: string, bad = false): void {
  showToast({ id: ++toastCount, text, bad });
}

/** Tells how an action ended; true when it succeeded. */
export async function attempt(action: () => Promise<unknown>, done?: string): Promise<boolean> {
  try {
    await action();
    if (done !== undefined) tell(done);
    return true;
  } catch (error) {
    tell(messageOf(error), true);
    return false;
  }
}

const kToastMs = 6000;

export function AskingHost({ onSignedOut }: { onSignedOut: () => void }) {
  const [pending, setPending] = useState<Pending[]>([]);
  const [toasts, setToasts] = useState<Toast[]>([]);

  useEffect(() => {
    showPending = (next) => setPending((queue) => [...queue, next]);
    showToast = (toast) => {
      setToasts((list) => [...list.slice(-3), toast]);
      window.setTimeout(() => setToasts((list) => list.filter((entry) => entry.id !== toast.id)), kToastMs);
    };
    setPrompts({
      signedOut: onSignedOut,
      stepUp: () => new Promise((answer) => showPending({ kind: "proof", answer })),
      confirm: (consequence) => ask({ title: "Please confirm", text: consequence, action: "Go ahead", danger: true }),
    });
  }, [onSignedOut]);

  const first = pending[0];
  const finish = (yes: boolean) => {
    first?.answer(yes);
    setPending((queue) => queue.slice(1));
  };
  return (
    <>
      {first?.kind === "question" ? <QuestionDialog question={first.question} onAnswer={finish} /> : null}
      {first?.kind === "proof" ? <ProofDialog onAnswer={finish} /> : null}
      <div class="toasts" role="status" aria-live="polite">
        {toasts.map((toast) => <div key={toast.id} class={toast.bad ? "toast bad" : "toast"}>{toast.text}</div>)}
      </div>
    </>
  );
}

function QuestionDialog({ question, onAnswer }: { question: Question; onAnswer: (yes: boolean) => void }) {
  const footer = (
    <>
      <Button onClick={() => onAnswer(false)}>Cancel</Button>
      <Button kind={question.danger === true ? "danger" : "primary"} onClick={() => onAnswer(true)}>{question.action}</Button>
    </>
  );
  return (
    <Dialog title={question.title} onClose={() => onAnswer(false)} footer={footer}>
      <p>{question.text}</p>
    </Dialog>
  );
}

type Proof = Parameters<typeof auth.stepUp>[0];

/** A fresh proof of identity before a sensitive change: a code, a recovery code or a passkey, or the password where no second factor is enrolled. */
function ProofDialog({ onAnswer }: { onAnswer: (yes: boolean) => void }) {
  const [proof, setProof] = useState("");
  const [problem, setProblem] = useState("");
  const [factors, setFactors] = useState<auth.TwoFactor>();
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    auth.twoFactor().then(setFactors, (error) => setProblem(messageOf(error)));
  }, []);
  const give = async (made: () => Promise<Proof>) => {
    setBusy(true);
    try {
      await auth.stepUp(await made());
      onAnswer(true);
    } catch (error) {
      setProblem(messageOf(error));
      setProof("");
    }
    setBusy(false);
  };
  if (factors === undefined && problem === "") return null;
  const totp = factors?.totp_enabled === true;
  const code = totp || (factors !== undefined && factors.passkeys.length > 0 && factors.recovery_codes_left > 0);
  const passkey = factors !== undefined && factors.passkeys.length > 0 && passkeysAvailable();
  const password = factors !== undefined && !totp && (factors.passkeys.length === 0 || !factors.required_for.sensitive);
  const givePasskey = () => give(async () => ({ credential: await usePasskey((await auth.passkeyStepUpOptions()).publicKey) }));
  const giveText = () => give(async () => (code ? { code: proof.replace(/\s/g, "") } : { password: proof }));
  const noWay = factors !== undefined && !code && !passkey && !password;
  return (
    <Dialog title="Confirm that it is you" onClose={() => onAnswer(false)}>
      <Form onSubmit={code || password ? giveText : givePasskey} label="Confirm that it is you">
        <p class="muted">This change needs a fresh proof. It counts for five minutes.</p>
        {problem === "" ? null : <Notice tone="bad">{problem}</Notice>}
        {noWay ? <PasskeyElsewhere then="Sign in with a browser that has it and make the change there." /> : null}
        {code ? (
          <TextField label={totp ? "Code from your authenticator, or a recovery code" : "Recovery code"} value={proof} onInput={setProof}
            inputMode={totp ? "numeric" : "text"} autocomplete="one-time-code" required autofocus={totp || !passkey} />
        ) : null}
        {password ? (
          <TextField label="Your password" type="password" value={proof} onInput={setProof} autocomplete="current-password"
            required autofocus />
        ) : null}
        <div class="form-actions">
          {passkey ? <Button kind={totp || password ? "plain" : "primary"} busy={busy} onClick={() => void givePasskey()}>Use a passkey</Button> : null}
          {code || password ? <Button kind={totp || password || !passkey ? "primary" : "plain"} submit busy={busy}>Confirm</Button> : null}
          {noWay ? <Button onClick={() => onAnswer(false)}>Close</Button> : null}
        </div>
      </Form>
    </Dialog>
  );
}
