// A list as a file, and a CSV file as a list. An import is all or nothing.

import { useRef } from "preact/hooks";
import * as security from "../../api/security";
import type { BanFile, CsvList } from "../../api/security";
import { download, messageOf } from "../../api/client";
import { tell } from "../../ui/asking";
import { Button } from "../../ui/form";

const save = async (link: string) => {
  try {
    await download(link);
  } catch (error) {
    tell(messageOf(error), true);
  }
};

/** The bans in force also as JSON lines, and all that ever happened to bans. */
export function BanFileButtons() {
  const button = (label: string, title: string, file: BanFile, format: "csv" | "jsonl") => (
    <Button small label={title} onClick={() => save(security.banFileLink(file, format))}>{label}</Button>
  );
  return (
    <>
      {button("JSON lines", "Export the bans in force as JSON lines", "bans", "jsonl")}
      {button("History CSV", "Export the history of all bans as CSV", "bans/history", "csv")}
      {button("History JSON lines", "Export the history of all bans as JSON lines", "bans/history", "jsonl")}
    </>
  );
}

export function CsvButtons({ list, onChange }: { list: CsvList; onChange: () => void }) {
  const picker = useRef<HTMLInputElement>(null);
  const take = async (input: HTMLInputElement) => {
    const file = input.files?.[0];
    input.value = "";
    if (file === undefined) return;
    try {
      tell(await security.importCsv(list, file));
      onChange();
    } catch (error) {
      tell(messageOf(error), true);
    }
  };
  return (
    <>
      <input ref={picker} type="file" accept=".csv,text/csv" hidden aria-label="CSV file" onChange={(event) => void take(event.currentTarget)} />
      <Button small onClick={() => picker.current?.click()}>Import CSV</Button>
      <Button small onClick={() => save(security.csvLink(list))}>Export CSV</Button>
    </>
  );
}
