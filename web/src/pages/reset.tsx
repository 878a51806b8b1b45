// A forgotten password: by a mailed link (its token in the fragment) or by an authenticator's code.

import { useState } from "preact/hooks";
import * as auth from "../api/auth";
import { messageOf } from "../api/client";
import { Link } from "../lib/router";
import { Button, Form, Segmented, TextField } from "../ui/form";
import { Gate } from "../ui/gate";
import { Notice } from "../ui/panel";
import { kPasswordMin } from "./setup";

const kWays = ["By mail", "By authenticator"] as const;

export function ResetPage() {
  const [token] = useState(() => window.location.hash.slice(1).replace(/^token=/, ""));
  const [way, setWay] = useState<(typeof kWays)[number]>("By mail");
  const [account, setAccount] = useState("");
  const [code, setCode] = useState("");
  const [password, setPassword] = useState("");
  const [answer, setAnswer] = useState<{ good: boolean; text: string }>();
  const [busy, setBusy] = useState(false);
  const setsPassword = token !== "" || way === "By authenticator";

  const send = async (): Promise<string> => {
    if (token !== "") {
      await auth.confirmReset(code === "" ? { token, new_password: password } : { token, code, new_password: password });
    } else if (way === "By authenticator") {
      await auth.confirmReset({ username: account, code, new_password: password });
    } else {
      await auth.requestReset(account);
      return "If this account exists, a link that works for 15 minutes is on its way.";
    }
    return "The password is changed. Sign in with the new one.";
  };
  const submit = async () => {
    setBusy(true);
    try {
      setAnswer({ good: true, text: await send() });
    } catch (error) {
      setAnswer({ good: false, text: messageOf(error) });
    }
    setBusy(false);
  };
  return (
    <Gate title="Reset the password" foot={<Link to="/login">Back to sign in</Link>}>
      {answer === undefined ? null : <Notice tone={answer.good ? "good" : "bad"}>{answer.text}</Notice>}
      <Form onSubmit={submit} label="Reset the password">
        {token !== "" ? null : (
          <>
            <Segmented label="How" value={way} choices={kWays} onChange={setWay} />
            <TextField label={way === "By mail" ? "User name or e-mail" : "User name"} value={account} onInput={setAccount} autocomplete="username" required />
          </>
        )}
        {setsPassword ? (
          <TextField label="Code" value={code} onInput={setCode} inputMode="numeric" autocomplete="one-time-code" required={token === ""}
            hint={token === "" ? "From your authenticator." : "From your authenticator, if your account asks for one at resets."} />
        ) : null}
        {setsPassword ? (
          <TextField label="New password" type="password" value={password} onInput={setPassword} autocomplete="new-password" minLength={kPasswordMin} maxLength={128} required />
        ) : null}
        <Button kind="primary" wide submit busy={busy}>{setsPassword ? "Set the password" : "Send the link"}</Button>
      </Form>
    </Gate>
  );
}
