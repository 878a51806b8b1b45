// Labelled controls. Every input has a label, a hint where it helps, and its problem below it.

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

type Kind = "plain" | "primary" | "buy-side" | "sell-side" | "danger" | "quiet";

interface ButtonProps {
  kind?: Kind;
  small?: boolean;
  wide?: boolean;
  submit?: boolean;
  busy?: boolean;
  disabled?: boolean;
  title?: string;
  label?: string;
  onClick?: () => void;
  children: ComponentChildren;
}
export function Button(props: ButtonProps) {
  const classes = ["button", props.kind ?? "plain", props.small === true ? "small" : "", props.wide === true ? "wide" : ""];
  return (
    <button type={props.submit === true ? "submit" : "button"} class={classes.filter(Boolean).join(" ")}
      disabled={props.busy === true || props.disabled === true} aria-busy={props.busy === true} title={props.title}
      aria-label={props.label} onClick={props.onClick}>
      {props.children}
    </button>
  );
}

interface FieldProps {
  label: string;
  value: string;
  onInput: (value: string) => void;
  type?: "text" | "password" | "email" | "number" | "search" | "date" | "datetime-local";
  hint?: ComponentChildren;
  problem?: string;
  placeholder?: string;
  autocomplete?: string;
  inputMode?: "numeric" | "decimal" | "text";
  required?: boolean;
  disabled?: boolean;
  autofocus?: boolean;
  min?: number;
  step?: number | "any";
  minLength?: number;
  maxLength?: number;
  name?: string;
  list?: readonly string[];
}
export function TextField(props: FieldProps) {
  const id = useId();
  const noteId = `${id}-note`;
  const listId = `${id}-list`;
  const note = props.problem ?? props.hint;
  // The JSX types know which attributes go with which type; here the type is only known at run time.
  const kind = { type: props.type ?? "text", ...(props.list === undefined ? {} : { list: listId }) } as { type: "text"; list?: string };
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <input id={id} class="input" {...kind} value={props.value} name={props.name}
        placeholder={props.placeholder} autocomplete={props.autocomplete ?? "off"} inputMode={props.inputMode}
        required={props.required} disabled={props.disabled} min={props.min} step={props.step} minLength={props.minLength}
        maxLength={props.maxLength} spellcheck={false} autocapitalize="none" autoFocus={props.autofocus}
        aria-describedby={note === undefined ? undefined : noteId}
        aria-invalid={props.problem === undefined ? undefined : true}
        onInput={(event) => props.onInput(event.currentTarget.value)} />
      {props.list === undefined ? null : (
        <datalist id={listId}>{props.list.map((entry) => <option key={entry} value={entry} />)}</datalist>
      )}
      {note === undefined ? null : (
        <div id={noteId} class={props.problem === undefined ? "hint" : "problem"}>{note}</div>
      )}
    </div>
  );
}

interface AreaProps {
  label: string;
  value: string;
  onInput: (value: string) => void;
  hint?: string;
  placeholder?: string;
}
export function TextArea(props: AreaProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <textarea id={id} class="input mono" value={props.value} placeholder={props.placeholder} spellcheck={false}
        onInput={(event) => props.onInput(event.currentTarget.value)} />
      {props.hint === undefined ? null : <div class="hint">{props.hint}</div>}
    </div>
  );
}

interface Choice {
  value: string;
  label: string;
}
interface SelectProps {
  label: string;
  value: string;
  choices: readonly Choice[];
  onChange: (value: string) => void;
  hint?: string;
}
export function SelectField(props: SelectProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <select id={id} class="input" value={props.value} onChange={(event) => props.onChange(event.currentTarget.value)}>
        {props.choices.map((choice) => <option key={choice.value} value={choice.value}>{choice.label}</option>)}
      </select>
      {props.hint === undefined ? null : <div class="hint">{props.hint}</div>}
    </div>
  );
}

interface SegmentedProps<Value extends string> {
  label: string;
  value: Value;
  choices: readonly Value[];
  onChange: (value: Value) => void;
  /** Colours BUY and SELL. */
  side?: boolean;
  /** The label is only spoken. */
  bare?: boolean;
  disabled?: boolean;
  hint?: string;
}
export function Segmented<Value extends string>(props: SegmentedProps<Value>) {
  const name = useId();
  return (
    <div class="field" role="radiogroup" aria-label={props.label}>
      {props.bare === true ? null : <div class="label">{props.label}</div>}
      <div class={props.side === true ? "segmented side" : "segmented"}>
        {props.choices.map((choice) => (
          <label key={choice}>
            <input type="radio" name={name} value={choice} checked={choice === props.value} disabled={props.disabled}
              onChange={() => props.onChange(choice)} />
            {choice}
          </label>
        ))}
      </div>
      {props.hint === undefined ? null : <div class="hint">{props.hint}</div>}
    </div>
  );
}

interface CheckProps {
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
  children: ComponentChildren;
}
export function Check(props: CheckProps) {
  return (
    <label class="check">
      <input type="checkbox" checked={props.checked} disabled={props.disabled}
        onChange={(event) => props.onChange(event.currentTarget.checked)} />
      <span>{props.children}</span>
    </label>
  );
}

interface FormProps {
  onSubmit: () => void;
  class?: string;
  label?: string;
  children: ComponentChildren;
}
export function Form(props: FormProps) {
  const submit = (event: Event) => {
    event.preventDefault();
    props.onSubmit();
  };
  return <form class={props.class ?? "form"} aria-label={props.label} onSubmit={submit}>{props.children}</form>;
}
