// Who is signed in, for every page.

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Session } from "../api/auth";

export interface SessionContext {
  session: Session;
  reload: () => Promise<void>;
}

export const Context = createContext<SessionContext | undefined>(undefined);

/** Only below the shell, where somebody is signed in. */
export function useSession(): SessionContext {
  const value = useContext(Context);
  if (value === undefined) throw new Error("a page was shown without a session");
  return value;
}
