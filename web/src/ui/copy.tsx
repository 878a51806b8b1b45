// Text to be copied: keys, codes, snippets.

import { useState } from "preact/hooks";
import { tell } from "./asking";
import { Button } from "./form";

export function CopyButton({ text, label = "Copy" }: { text: string; label?: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      window.setTimeout(() => setCopied(false), 2000);
    } catch {
      tell("The browser does not allow copying here: select the text instead.", true);
    }
  };
  return <Button small onClick={copy}>{copied ? "Copied" : label}</Button>;
}

export function SecretText({ text }: { text: string }) {
  return <div class="secret"><code>{text}</code><CopyButton text={text} /></div>;
}

export function Snippet({ text, label }: { text: string; label: string }) {
  return (
    <div class="snippet">
      <pre aria-label={label} tabIndex={0}>{text}</pre>
      <CopyButton text={text} />
    </div>
  );
}
