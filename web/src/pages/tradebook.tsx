// Today's fills.

import * as trading from "../api/trading";
import type { Trade } from "../api/trading";
import { bookTime, count, money, price, quantity } from "../lib/format";
import { useBook } from "../lib/liveprices";
import { Page, Panel, Stats, Trouble } from "../ui/panel";
import { SymbolCell, Table } from "../ui/table";
import type { Column } from "../ui/table";
import { kBookMs, SideBadge } from "./orderbook";

const columns: readonly Column<Trade>[] = [
  { title: "Time", cell: (trade) => <span class="muted">{bookTime(trade.timestamp)}</span>, sort: (trade) => trade.timestamp },
  { title: "Side", cell: (trade) => <SideBadge action={trade.action} />, sort: (trade) => trade.action },
  { title: "Instrument", cell: (trade) => <SymbolCell symbol={trade.symbol} exchange={trade.exchange} />, sort: (trade) => trade.symbol },
  { title: "Product", cell: (trade) => trade.product, hidePhone: true },
  { title: "Quantity", right: true, cell: (trade) => quantity(trade.quantity), sort: (trade) => trade.quantity },
  { title: "Price", right: true, cell: (trade) => price(trade.average_price), sort: (trade) => trade.average_price },
  { title: "Value", right: true, cell: (trade) => money(trade.trade_value), sort: (trade) => trade.trade_value },
  { title: "Strategy", cell: (trade) => <span class="muted">{trade.strategy}</span>, hidePhone: true },
  { title: "Order id", cell: (trade) => <span class="mono muted">{trade.orderid}</span>, hidePhone: true },
];

export function TradeBookPage() {
  const book = useBook(trading.trades, kBookMs);
  const total = (action: string): number | undefined =>
    book.data?.filter((trade) => trade.action === action).reduce((sum, trade) => sum + trade.trade_value, 0);
  const bought = total("BUY");
  const sold = total("SELL");
  return (
    <Page title="Trades">
      <div class="stack">
        <Trouble error={book.error} />
        <Stats figures={[
          { label: "Fills", value: book.data && count(book.data.length) },
          { label: "Bought", value: bought === undefined ? undefined : money(bought) },
          { label: "Sold", value: sold === undefined ? undefined : money(sold) },
        ]} />
        <Panel title="Trade book" flush>
          <Table caption="Fills of today" columns={columns} rows={book.data} keyOf={(trade) => trade.tradeid}
            empty="Nothing was filled today." />
        </Panel>
      </div>
    </Page>
  );
}
