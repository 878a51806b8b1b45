// A list as a CSV file, and a CSV file as a list. An import is all or nothing.

import { useRef } from "preact/hooks";
import * as security from "../../api/security";
import type { CsvList } from "../../api/security";
import { download, messageOf } from "../../api/client";
import { tell } from "../../ui/asking";
import { Button } from "../../ui/form";

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
  const save = async () => {
    try {
      await download(security.csvLink(list));
    } catch (error) {
      tell(messageOf(error), true);
    }
  };
  return (
    <>
      <input ref={picker} type="file" accept=".csv,text/csv" hidden aria-label="CSV file" onChange={(event) => void take(event.currentTarget)} />
      <Button small onClick={() => picker.current?.click()}>Import CSV</Button>
      <Button small onClick={save}>Export CSV</Button>
    </>
  );
}
