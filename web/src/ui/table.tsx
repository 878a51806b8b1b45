// A dense table: sortable where a column says how; on a phone every row becomes a small card (the roles
// keep it a table for a screen reader); says why it is empty.

import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";

export interface Column<Row> {
  title: string;
  cell: (row: Row) => ComponentChildren;
  /** Numbers stand right. */
  right?: boolean;
  /** Makes the column sortable. */
  sort?: (row: Row) => number | string;
  hidePhone?: boolean;
  /** Shown only where there is room to spare. */
  onlyWide?: boolean;
  wrap?: boolean;
  /** Holds buttons: stays in sight when the table is wider than the screen. */
  acts?: boolean;
  footer?: ComponentChildren;
}

interface Props<Row> {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[] | undefined;
  keyOf: (row: Row) => string;
  empty: ComponentChildren;
  onSelect?: (row: Row) => void;
  selected?: string;
}

interface Order {
  column: number;
  down: boolean;
}

function compare(a: number | string, b: number | string): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b));
}

function classOf<Row>(column: Column<Row>): string {
  return [column.right === true || column.acts === true ? "right" : "", column.hidePhone === true ? "hide-phone" : "", column.wrap === true ? "wrap" : "", column.acts === true ? "acts" : "", column.onlyWide === true ? "only-wide" : ""]
    .filter(Boolean)
    .join(" ");
}

export function Table<Row>(props: Props<Row>) {
  const { columns, rows } = props;
  const [order, setOrder] = useState<Order>();
  const sorted = useMemo(() => {
    if (rows === undefined || order === undefined) return rows;
    const by = columns[order.column]?.sort;
    if (by === undefined) return rows;
    const turn = order.down ? -1 : 1;
    return [...rows].sort((a, b) => turn * compare(by(a), by(b)));
  }, [rows, order, columns]);

  const turn = (column: number) =>
    setOrder((now) => (now?.column === column ? (now.down ? undefined : { column, down: true }) : { column, down: false }));

  const head = (column: Column<Row>, index: number) => {
    const here = order?.column === index ? (order.down ? "descending" : "ascending") : undefined;
    return (
      <th key={column.title} scope="col" role="columnheader" class={classOf(column)} aria-sort={here}>
        {column.acts === true ? <span class="visually-hidden">{column.title}</span> : column.sort === undefined ? column.title : <button type="button" onClick={() => turn(index)}>{column.title}</button>}
      </th>
    );
  };
  const body = (row: Row) => {
    const key = props.keyOf(row);
    const classes = [props.onSelect === undefined ? "" : "selectable", props.selected === key ? "selected" : ""];
    return (
      <tr key={key} role="row" class={classes.filter(Boolean).join(" ")} onClick={() => props.onSelect?.(row)}>
        {columns.map((column) => (
          <td key={column.title} role="cell" class={classOf(column)} data-label={column.acts === true ? undefined : column.title}>{column.cell(row)}</td>
        ))}
      </tr>
    );
  };
  if (sorted === undefined) return <div class="table-note">Loading</div>;
  if (sorted.length === 0) return <div class="table-note">{props.empty}</div>;
  return (
    <div class="table-scroll">
      <table class="table" role="table">
        <caption class="visually-hidden">{props.caption}</caption>
        <thead><tr role="row">{columns.map(head)}</tr></thead>
        <tbody>{sorted.map(body)}</tbody>
        {columns.some((column) => column.footer !== undefined) ? (
          <tfoot><tr>{columns.map((column) => <td key={column.title} class={classOf(column)}>{column.footer}</td>)}</tr></tfoot>
        ) : null}
      </table>
    </div>
  );
}

export function SymbolCell({ symbol, exchange }: { symbol: string; exchange: string }) {
  return <span class="symbol">{symbol}<span class="exchange">{exchange.replace("_INDEX", " index")}</span></span>;
}
