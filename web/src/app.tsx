// Which of the three worlds is shown: nobody owns the gateway yet, nobody is signed in, or the console.

import { useCallback, useEffect, useState } from "preact/hooks";
import * as auth from "./api/auth";
import type { Session } from "./api/auth";
import { ApiError, forgetCsrfToken, messageOf } from "./api/client";
import { localPath, navigate, Router, useLocation } from "./lib/router";
import { Context } from "./lib/session";
import { LoginPage } from "./pages/login";
import { ResetPage } from "./pages/reset";
import { SetupPage } from "./pages/setup";
import { AskingHost } from "./ui/asking";
import { Button } from "./ui/form";
import { Gate } from "./ui/gate";
import { Notice } from "./ui/panel";
import { Shell } from "./ui/shell";

export function App() {
  return <Router><World /></Router>;
}

type State = { at: "asking" } | { at: "setup" } | { at: "login" } | { at: "in"; session: Session } | { at: "away"; error: string };

function World() {
  const { path, search } = useLocation();
  const [state, setState] = useState<State>({ at: "asking" });

  const reload = useCallback(async () => {
    try {
      setState({ at: "in", session: await auth.session() });
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) return setState({ at: "away", error: messageOf(error) });
      try {
        setState({ at: (await auth.needsSetup()) ? "setup" : "login" });
      } catch (problem) {
        setState({ at: "away", error: messageOf(problem) });
      }
    }
  }, []);
  useEffect(() => void reload(), [reload]);

  const signedOut = useCallback(() => {
    forgetCsrfToken();
    setState({ at: "login" });
  }, []);

  // Paths follow the state: a bookmark to a page waits behind the login.
  const open = path === "/login" || path === "/setup" || path === "/reset-password";
  useEffect(() => {
    if (state.at === "setup" && path !== "/setup") navigate(`/setup${window.location.hash}`, true);
    if (state.at === "login" && path !== "/login" && path !== "/reset-password") {
      navigate(path === "/" || path === "/setup" ? "/login" : `/login?next=${encodeURIComponent(path)}`, true);
    }
    if (state.at === "in" && (path === "/" || open)) navigate(localPath(search.get("next")), true);
  }, [state.at, path, open, search]);

  return (
    <>
      {state.at === "setup" ? <SetupPage onDone={reload} /> : null}
      {state.at === "login" ? (path === "/reset-password" ? <ResetPage /> : <LoginPage onDone={reload} />) : null}
      {state.at === "away" ? <Away error={state.error} onRetry={reload} /> : null}
      {state.at === "in" && !open ? (
        <Context.Provider value={{ session: state.session, reload }}><Shell onSignedOut={signedOut} /></Context.Provider>
      ) : null}
      <AskingHost onSignedOut={signedOut} />
    </>
  );
}

function Away({ error, onRetry }: { error: string; onRetry: () => Promise<void> }) {
  return (
    <Gate title="The gateway does not answer">
      <Notice tone="bad">{error}</Notice>
      <Button kind="primary" wide onClick={onRetry}>Try again</Button>
    </Gate>
  );
}
