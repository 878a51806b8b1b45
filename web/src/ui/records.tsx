// A long list of records: filters, pages by cursor, exports.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { download, messageOf } from "../api/client";
import type { Options } from "../api/client";
import { exportLink } from "../api/records";
import type { Filters, Page } from "../api/records";
import { usePolled } from "../lib/poll";
import { tell } from "./asking";
import { Button, Form, TextField } from "./form";
import { Panel, Trouble } from "./panel";
import { Table } from "./table";
import type { Column } from "./table";

export interface Filter {
  name: string;
  label: string;
  placeholder?: string;
  list?: readonly string[];
}

interface Props<Row> {
  title: string;
  ask: (filters: Filters, before: string | null, options?: Options) => Promise<Page<Row>>;
  filters: readonly Filter[];
  columns: readonly Column<Row>[];
  keyOf: (row: Row) => string;
  empty: string;
  exportPath?: string;
  onSelect?: (row: Row) => void;
  actions?: ComponentChildren;
}

export function Records<Row>(props: Props<Row>) {
  const [typed, setTyped] = useState<Filters>({});
  const [applied, setApplied] = useState<Filters>({});
  const [older, setOlder] = useState<Row[]>([]);
  const [cursor, setCursor] = useState<string | null>();
  const first = usePolled((options) => props.ask(applied, null, options), 0, [applied]);

  const apply = () => {
    setOlder([]);
    setCursor(undefined);
    setApplied({ ...typed });
    first.refresh();
  };
  const next = cursor === undefined ? (first.data?.next ?? null) : cursor;
  const more = async () => {
    try {
      const page = await props.ask(applied, next);
      setOlder((rows) => [...rows, ...page.rows]);
      setCursor(page.next);
    } catch (error) {
      tell(messageOf(error), true);
    }
  };
  const rows = first.data === undefined ? undefined : [...first.data.rows, ...older];
  const save = async (format: "csv" | "jsonl") => {
    try {
      await download(exportLink(props.exportPath ?? "", format, applied));
    } catch (error) {
      tell(messageOf(error), true);
    }
  };
  const downloads = props.exportPath === undefined ? null : (
    <>
      <Button small onClick={() => save("csv")}>CSV</Button>
      <Button small onClick={() => save("jsonl")}>JSON lines</Button>
    </>
  );
  return (
    <Panel title={props.title} flush actions={<>{props.actions}{downloads}</>}>
      <div class="body">
        <Form onSubmit={apply} class="filters" label={`Filter ${props.title}`}>
          {props.filters.map((filter) => (
            <TextField key={filter.name} label={filter.label} value={typed[filter.name] ?? ""} maxLength={200}
              {...(filter.placeholder === undefined ? {} : { placeholder: filter.placeholder })}
              {...(filter.list === undefined ? {} : { list: filter.list })}
              onInput={(text) => setTyped((now) => ({ ...now, [filter.name]: text.trim() }))} />
          ))}
          <Button submit>Search</Button>
        </Form>
        <Trouble error={first.error} />
      </div>
      <Table caption={props.title} columns={props.columns} rows={rows} keyOf={props.keyOf} empty={props.empty}
        {...(props.onSelect === undefined ? {} : { onSelect: props.onSelect })} />
      {next === null || rows === undefined || rows.length === 0 ? null : <div class="table-more"><Button onClick={more}>Older</Button></div>}
    </Panel>
  );
}
