// The first owner. The one-time token stands in the link's fragment, which a browser never sends, so
// it appears in no log and no Referer.

import { useState } from "preact/hooks";
import * as auth from "../api/auth";
import { messageOf } from "../api/client";
import { navigate } from "../lib/router";
import { Button, Form, TextField } from "../ui/form";
import { Gate } from "../ui/gate";
import { Notice } from "../ui/panel";

export const kPasswordMin = 12;

/** `/setup#<token>` or `/setup#token=<token>`. */
function tokenOfLink(): string {
  const fragment = window.location.hash.slice(1);
  return decodeURIComponent(fragment.startsWith("token=") ? fragment.slice("token=".length) : fragment);
}

export function SetupPage({ onDone }: { onDone: () => Promise<void> }) {
  const [linked] = useState(tokenOfLink);
  const [token, setToken] = useState(linked);
  const [username, setUsername] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);

  const submit = async () => {
    if (password !== again) return setProblem("The two passwords differ.");
    setBusy(true);
    setProblem("");
    try {
      await auth.setUp({ username, email, password, setup_token: token.trim() });
      const step = await auth.login(username, password);
      navigate(step.totp_required ? "/login" : "/dashboard", true);
      await onDone();
    } catch (error) {
      setProblem(messageOf(error));
      setBusy(false);
    }
  };
  return (
    <Gate title="Create the owner account" foot="The owner can add other accounts later.">
      <Form onSubmit={submit} label="Create the owner account">
        {problem === "" ? null : <Notice tone="bad">{problem}</Notice>}
        {linked !== "" ? null : (
          <TextField label="Setup token" value={token} onInput={setToken} required
            hint="Printed by the gateway when it started, as part of the setup link." />
        )}
        <TextField label="User name" value={username} onInput={setUsername} autocomplete="username" name="username" required autofocus maxLength={64} />
        <TextField label="E-mail" type="email" value={email} onInput={setEmail} autocomplete="email" name="email" required />
        <TextField label="Password" type="password" value={password} onInput={setPassword} autocomplete="new-password" name="new-password" required
          minLength={kPasswordMin} maxLength={128} hint="At least 12 characters. A sentence is better than a puzzle." />
        <TextField label="Password again" type="password" value={again} onInput={setAgain} autocomplete="new-password" name="repeat-password" required
          maxLength={128} />
        <Button kind="primary" wide submit busy={busy}>Create the account</Button>
      </Form>
    </Gate>
  );
}
