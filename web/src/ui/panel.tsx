// The frame of every page: head, panels, figures, notices.

import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

interface PageProps {
  title: string;
  actions?: ComponentChildren;
  children: ComponentChildren;
}
export function Page({ title, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Kavach`;
  }, [title]);
  return (
    <>
      <div class="page-head">
        <h1>{title}</h1>
        {actions === undefined ? null : <div class="actions">{actions}</div>}
      </div>
      {children}
    </>
  );
}

interface PanelProps {
  title?: string;
  actions?: ComponentChildren;
  class?: string;
  /** A table fills its panel to the edge. */
  flush?: boolean;
  children?: ComponentChildren;
}
export function Panel(props: PanelProps) {
  return (
    <section class={`panel ${props.class ?? ""}`} aria-label={props.title}>
      {props.title === undefined && props.actions === undefined ? null : (
        <header>
          {props.title === undefined ? null : <h2>{props.title}</h2>}
          {props.actions === undefined ? null : <div class="actions">{props.actions}</div>}
        </header>
      )}
      {props.flush === true ? props.children : <div class="body">{props.children}</div>}
    </section>
  );
}

interface Figure {
  label: string;
  value: string | undefined;
  /** Colours gains and losses. */
  sign?: number | undefined;
  /** Twice as wide: an address is longer than a count. */
  long?: boolean;
}
export function Stats({ figures }: { figures: readonly Figure[] }) {
  return (
    <div class="stats">
      {figures.map((figure) => (
        <div class={figure.long === true ? "stat long" : "stat"} key={figure.label}>
          <div class="label">{figure.label}</div>
          <div class={`value ${figure.sign === undefined ? "" : signClass(figure.sign)}`}>{figure.value ?? "\u2013"}</div>
        </div>
      ))}
    </div>
  );
}

export const signClass = (value: number): string => (value > 0 ? "gain" : value < 0 ? "loss" : "");

type Tone = "good" | "warn" | "bad" | "info" | "sell" | "plain";

export function Notice({ tone, children }: { tone?: Tone; children: ComponentChildren }) {
  return <div class={`notice ${tone ?? ""}`} role={tone === "bad" ? "alert" : "note"}>{children}</div>;
}

export function Badge({ tone, children }: { tone?: Tone; children: ComponentChildren }) {
  return <span class={`badge ${tone ?? ""}`}>{children}</span>;
}

/** What the latest request said, when it failed. */
export function Trouble({ error }: { error: string }) {
  return error === "" ? null : <Notice tone="bad">{error}</Notice>;
}
