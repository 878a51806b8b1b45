// Client-side navigation over the paths the gateway answers with the console's page.

import { createContext } from "preact";
import type { ComponentChildren } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";

interface Location {
  path: string;
  search: URLSearchParams;
}

const current = (): Location => ({
  path: window.location.pathname.replace(/\/+$/, "") || "/",
  search: new URLSearchParams(window.location.search),
});

const listeners = new Set<() => void>();

export function navigate(to: string, replace = false): void {
  if (replace) window.history.replaceState(null, "", to);
  else window.history.pushState(null, "", to);
  for (const listener of listeners) listener();
  window.scrollTo(0, 0);
}

const Context = createContext<Location>(current());

export function Router({ children }: { children: ComponentChildren }) {
  const [location, setLocation] = useState(current);
  useEffect(() => {
    const moved = () => setLocation(current());
    listeners.add(moved);
    window.addEventListener("popstate", moved);
    return () => {
      listeners.delete(moved);
      window.removeEventListener("popstate", moved);
    };
  }, []);
  return <Context.Provider value={location}>{children}</Context.Provider>;
}

export const useLocation = (): Location => useContext(Context);

/** A path of this console, never another site: what `?next=` may name. */
export function localPath(text: string | null): string {
  return text !== null && /^\/[a-z0-9-]+$/.test(text) ? text : "/dashboard";
}

interface LinkProps {
  to: string;
  class?: string;
  current?: boolean;
  title?: string;
  onNavigate?: () => void;
  children: ComponentChildren;
}
export function Link({ to, children, current: isCurrent, onNavigate, ...rest }: LinkProps) {
  const follow = (event: MouseEvent) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    onNavigate?.();
    navigate(to);
  };
  return (
    <a href={to} onClick={follow} {...(isCurrent === true ? { "aria-current": "page" as const } : {})} {...rest}>
      {children}
    </a>
  );
}
