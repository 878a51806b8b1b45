// Open and closed positions of the day with their profit, live.

import * as trading from "../api/trading";
import type { Position } from "../api/trading";
import { count, price, priceOrDash, quantity, signedMoney } from "../lib/format";
import { usePolled } from "../lib/poll";
import { Link, navigate } from "../lib/router";
import { useSession } from "../lib/session";
import { ask, attempt } from "../ui/asking";
import { Button } from "../ui/form";
import { Page, Panel, signClass, Stats, Trouble } from "../ui/panel";
import { SymbolCell, Table } from "../ui/table";
import type { Column } from "../ui/table";
import { kBookMs } from "./orderbook";

const exitLink = (position: Position): string => {
  const action = position.quantity > 0 ? "SELL" : "BUY";
  const size = Math.abs(position.quantity);
  return `/trade?symbol=${position.exchange}:${encodeURIComponent(position.symbol)}&action=${action}&quantity=${size}&product=${position.product}`;
};

function columnsFor(total: number | undefined, mayTrade: boolean): Column<Position>[] {
  const columns: Column<Position>[] = [
    { title: "Instrument", cell: (row) => <SymbolCell symbol={row.symbol} exchange={row.exchange} />, sort: (row) => row.symbol, footer: "Total" },
    { title: "Product", cell: (row) => row.product, sort: (row) => row.product },
    { title: "Quantity", right: true, cell: (row) => <span class={row.quantity < 0 ? "sell" : row.quantity > 0 ? "buy" : "muted"}>{quantity(row.quantity)}</span>, sort: (row) => row.quantity },
    { title: "Average", right: true, cell: (row) => priceOrDash(row.average_price) },
    { title: "Last", right: true, cell: (row) => price(row.ltp) },
    { title: "Realised", right: true, hidePhone: true, cell: (row) => <span class={signClass(row.realised)}>{signedMoney(row.realised)}</span>, sort: (row) => row.realised },
    {
      title: "P&L",
      right: true,
      cell: (row) => <span class={signClass(row.pnl)}>{signedMoney(row.pnl)}</span>,
      sort: (row) => row.pnl,
      footer: total === undefined ? "" : <span class={signClass(total)}>{signedMoney(total)}</span>,
    },
  ];
  if (mayTrade) {
    columns.push({
      title: "Close",
      acts: true,
      cell: (row) => (row.quantity === 0 ? null : <Button small onClick={() => navigate(exitLink(row))}>Exit</Button>),
    });
  }
  return columns;
}

export function PositionsPage() {
  const { session } = useSession();
  const book = usePolled(trading.positions, kBookMs);
  const mayTrade = session.role !== "viewer";
  const open = book.data?.positions.filter((row) => row.quantity !== 0) ?? [];
  const closeAll = async () => {
    const yes = await ask({
      title: "Close all positions",
      text: `${open.length} open positions will be squared off with market orders.`,
      action: "Close all positions",
      danger: true,
    });
    if (!yes) return;
    const closing = async () => {
      const [left, ...others] = (await trading.closeAllPositions()).failures;
      if (left === undefined) return;
      throw new Error(`Still open: ${left.symbol}${others.length > 0 ? ` and ${others.length} more` : ""}. ${left.message}`);
    };
    await attempt(closing, "Orders to close all positions are placed.");
    book.refresh();
  };
  const realised = book.data?.positions.reduce((sum, row) => sum + row.realised, 0);
  return (
    <Page title="Positions" actions={mayTrade ? <Button kind="danger" disabled={open.length === 0} onClick={closeAll}>Close all</Button> : undefined}>
      <div class="stack">
        <Trouble error={book.error} />
        <Stats figures={[
          { label: "Open", value: book.data && count(open.length) },
          { label: "Realised today", value: realised === undefined ? undefined : signedMoney(realised), sign: realised },
          { label: "Profit and loss", value: book.data && signedMoney(book.data.total_pnl), sign: book.data?.total_pnl },
        ]} />
        <Panel title="Position book" flush>
          <Table caption="Positions" columns={columnsFor(book.data?.total_pnl, mayTrade)} rows={book.data?.positions}
            keyOf={(row) => `${row.exchange}:${row.symbol}:${row.product}`}
            empty={<><p>No position today.</p><Link to="/trade" class="button primary">Place an order</Link></>} />
        </Panel>
      </div>
    </Page>
  );
}
