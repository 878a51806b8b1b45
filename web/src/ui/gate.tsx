// The frame of the pages before the console: setup, login, password reset.

import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { Icon } from "./icons";

export function Brand() {
  return <span class="brand"><Icon name="shield" />Kavach</span>;
}

export function Gate({ title, children, foot }: { title: string; children: ComponentChildren; foot?: ComponentChildren }) {
  useEffect(() => {
    document.title = `${title} · Kavach`;
  }, [title]);
  return (
    <main class="gate">
      <div class="gate-card">
        <Brand />
        <h1>{title}</h1>
        {children}
        {foot === undefined ? null : <div class="gate-foot">{foot}</div>}
      </div>
    </main>
  );
}
