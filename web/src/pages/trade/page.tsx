// Trading by hand: what is watched, the chosen instrument's quote and depth, and the order ticket.

import { useState } from "preact/hooks";
import * as trading from "../../api/trading";
import type { Contract } from "../../api/trading";
import { useBook } from "../../lib/liveprices";
import { navigate, useLocation } from "../../lib/router";
import { Page, Panel, Trouble } from "../../ui/panel";
import { Table } from "../../ui/table";
import { orderColumns } from "../orderbook";
import { MarketPanel } from "./market";
import { OrderTicketPanel } from "./ticket";
import { WatchPanel } from "./watch";

const kLatestMs = 10_000;
const kFirst: Contract = { exchange: "NSE", symbol: "SBIN" };

function contractOf(text: string | null): Contract {
  const [exchange, symbol] = (text ?? "").split(":", 2);
  return exchange && symbol ? { exchange, symbol } : kFirst;
}

export function TradePage() {
  const { search } = useLocation();
  const contract = contractOf(search.get("symbol"));
  const [clicked, setClicked] = useState<number>();
  const book = useBook(trading.orders, kLatestMs);
  const choose = (next: Contract) => {
    setClicked(undefined);
    navigate(`/trade?symbol=${encodeURIComponent(`${next.exchange}:${next.symbol}`)}`, true);
  };
  const key = `${contract.exchange}:${contract.symbol}`;
  return (
    <Page title="Trade">
      <div class="stack">
        <div class="trade-layout">
          <WatchPanel selected={contract} onSelect={choose} />
          <MarketPanel key={key} contract={contract} onPrice={setClicked} />
          <OrderTicketPanel key={`${key}${search.get("action") ?? ""}`} contract={contract} suggested={search} clickedPrice={clicked} onPlaced={book.refresh} />
        </div>
        <Trouble error={book.error} />
        <Panel title="Latest orders" flush>
          <Table caption="Latest orders" columns={orderColumns} rows={book.data?.orders.slice(0, 8)} keyOf={(order) => order.orderid} empty="No order today." />
        </Panel>
      </div>
    </Page>
  );
}
