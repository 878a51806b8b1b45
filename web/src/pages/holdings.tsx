// Delivery holdings.

import * as trading from "../api/trading";
import type { Holding } from "../api/trading";
import { money, percent, price, quantity, signedMoney } from "../lib/format";
import { usePolled } from "../lib/poll";
import { Page, Panel, signClass, Stats, Trouble } from "../ui/panel";
import { SymbolCell, Table } from "../ui/table";
import type { Column } from "../ui/table";

const kHoldingsMs = 10_000;

const columns: readonly Column<Holding>[] = [
  { title: "Instrument", cell: (row) => <SymbolCell symbol={row.symbol} exchange={row.exchange} />, sort: (row) => row.symbol },
  { title: "Quantity", right: true, cell: (row) => quantity(row.quantity), sort: (row) => row.quantity },
  { title: "Average", right: true, cell: (row) => price(row.average_price) },
  { title: "Last", right: true, cell: (row) => price(row.ltp) },
  { title: "Value", right: true, hidePhone: true, cell: (row) => money(row.quantity * row.ltp), sort: (row) => row.quantity * row.ltp },
  { title: "P&L", right: true, cell: (row) => <span class={signClass(row.pnl)}>{signedMoney(row.pnl)}</span>, sort: (row) => row.pnl },
  { title: "Change", acts: true, cell: (row) => <span class={signClass(row.pnlpercent)}>{percent(row.pnlpercent)}</span>, sort: (row) => row.pnlpercent },
];

export function HoldingsPage() {
  const book = usePolled(trading.holdings, kHoldingsMs);
  const totals = book.data?.statistics;
  return (
    <Page title="Holdings">
      <div class="stack">
        <Trouble error={book.error} />
        <Stats figures={[
          { label: "Invested", value: totals && money(totals.totalinvvalue) },
          { label: "Value", value: totals && money(totals.totalholdingvalue) },
          { label: "Profit and loss", value: totals && signedMoney(totals.totalprofitandloss), sign: totals?.totalprofitandloss },
          { label: "Change", value: totals && percent(totals.totalpnlpercentage), sign: totals?.totalpnlpercentage },
        ]} />
        <Panel title="Holdings" flush>
          <Table caption="Holdings" columns={columns} rows={book.data?.holdings} keyOf={(row) => `${row.exchange}:${row.symbol}`}
            empty="Nothing is held. Shares bought with product CNC appear here after settlement." />
        </Panel>
      </div>
    </Page>
  );
}
