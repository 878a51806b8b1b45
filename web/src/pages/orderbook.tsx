// Today's orders, live, with modify and cancel on what is still working.

import { useMemo, useState } from "preact/hooks";
import * as trading from "../api/trading";
import type { Order } from "../api/trading";
import { bookTime, count, price, quantity } from "../lib/format";
import { useBook } from "../lib/liveprices";
import { Link, navigate } from "../lib/router";
import { useSession } from "../lib/session";
import { ask, attempt } from "../ui/asking";
import { Button, Segmented } from "../ui/form";
import { Badge, Page, Panel, Stats, Trouble } from "../ui/panel";
import { SymbolCell, Table } from "../ui/table";
import type { Column } from "../ui/table";
import { ModifyDialog } from "./trade/modify";

export const kBookMs = 5000;

export const isWorking = (order: Order): boolean => order.order_status === "open" || order.order_status === "trigger pending";

export function StatusBadge({ order }: { order: Order }) {
  const tones = { complete: "good", open: "info", "trigger pending": "warn", rejected: "bad" } as const;
  const tone = tones[order.order_status as keyof typeof tones] ?? "plain";
  return (
    <span title={order.rejection_reason === "" ? undefined : order.rejection_reason}><Badge tone={tone}>{order.order_status}</Badge></span>
  );
}

export function SideBadge({ action }: { action: string }) {
  return <Badge tone={action === "BUY" ? "info" : "sell"}>{action}</Badge>;
}

function OrderPrice({ order }: { order: Order }) {
  const hasPrice = order.pricetype === "LIMIT" || order.pricetype === "SL";
  return (
    <>
      {hasPrice ? price(order.price) : "market"}
      {order.trigger_price === 0 ? null : <span class="muted"> at {price(order.trigger_price)}</span>}
    </>
  );
}

export const orderColumns: readonly Column<Order>[] = [
  { title: "Time", cell: (order) => <span class="muted" title={`Order ${order.orderid}`}>{bookTime(order.timestamp)}</span>, sort: (order) => order.timestamp, hidePhone: true },
  { title: "Side", cell: (order) => <SideBadge action={order.action} />, sort: (order) => order.action },
  { title: "Instrument", cell: (order) => <SymbolCell symbol={order.symbol} exchange={order.exchange} />, sort: (order) => order.symbol },
  { title: "Type", cell: (order) => <>{order.pricetype} <span class="muted">{order.product}</span></>, hidePhone: true, sort: (order) => order.pricetype },
  {
    title: "Filled",
    right: true,
    cell: (order) => <>{quantity(order.filled_quantity)}<span class="muted"> / {quantity(order.quantity)}</span></>,
    sort: (order) => order.quantity,
  },
  { title: "Price", right: true, cell: (order) => <OrderPrice order={order} />, sort: (order) => order.price, hidePhone: true },
  { title: "Average", right: true, cell: (order) => (order.average_price === 0 ? null : price(order.average_price)), sort: (order) => order.average_price },
  { title: "Status", cell: (order) => <StatusBadge order={order} />, sort: (order) => order.order_status },
];

const kFilters = ["All", "Working", "Filled", "Closed"] as const;
type Filter = (typeof kFilters)[number];

function passes(order: Order, filter: Filter): boolean {
  if (filter === "All") return true;
  if (filter === "Working") return isWorking(order);
  if (filter === "Filled") return order.order_status === "complete";
  return order.order_status === "cancelled" || order.order_status === "rejected";
}

export function OrderBookPage() {
  const { session } = useSession();
  const book = useBook(trading.orders, kBookMs);
  const [filter, setFilter] = useState<Filter>("All");
  const [changing, setChanging] = useState<Order>();
  const mayTrade = session.role !== "viewer";

  const cancel = async (order: Order) => {
    if (await attempt(() => trading.cancelOrder(order.orderid), `Order ${order.orderid} is cancelled.`)) book.refresh();
  };
  const cancelAll = async () => {
    const yes = await ask({ title: "Cancel all orders", text: "Every order that is still working will be cancelled.", action: "Cancel all orders", danger: true });
    if (yes && (await attempt(trading.cancelAllOrders, "All working orders are cancelled."))) book.refresh();
  };
  const columns = useMemo((): Column<Order>[] => {
    const more: Column<Order>[] = [
      { title: "Strategy", cell: (order) => <span class="muted clip" title={order.strategy}>{order.strategy}</span>, hidePhone: true, sort: (order) => order.strategy },
      { title: "Order id", cell: (order) => <span class="mono muted">{order.orderid}</span>, onlyWide: true },
    ];
    if (mayTrade) {
      more.push({
        title: "Change",
        acts: true,
        cell: (order) =>
          isWorking(order) ? (
            <div class="row-actions">
              <Button small onClick={() => setChanging(order)} label={`Modify order ${order.orderid}`}>Modify</Button>
              <Button small kind="danger" onClick={() => void cancel(order)} label={`Cancel order ${order.orderid}`}>Cancel</Button>
            </div>
          ) : null,
      });
    }
    return [...orderColumns, ...more];
  }, [mayTrade]);

  const statistics = book.data?.statistics;
  const rows = useMemo(() => book.data?.orders.filter((order) => passes(order, filter)), [book.data, filter]);
  const working = statistics?.total_open_orders ?? 0;
  const actions = mayTrade ? (
    <>
      <Button kind="danger" disabled={working === 0} onClick={cancelAll}>Cancel all</Button>
      <Button kind="primary" onClick={() => navigate("/trade")}>New order</Button>
    </>
  ) : undefined;
  return (
    <Page title="Orders" actions={actions}>
      <div class="stack">
        <Trouble error={book.error} />
        <Stats figures={[
          { label: "Working", value: statistics && count(statistics.total_open_orders) },
          { label: "Filled", value: statistics && count(statistics.total_completed_orders) },
          { label: "Rejected", value: statistics && count(statistics.total_rejected_orders) },
          { label: "Buy", value: statistics && count(statistics.total_buy_orders) },
          { label: "Sell", value: statistics && count(statistics.total_sell_orders) },
        ]} />
        <Panel flush actions={<Segmented bare label="Show" value={filter} choices={kFilters} onChange={setFilter} />} title="Order book">
          <Table caption="Orders of today" columns={columns} rows={rows} keyOf={(order) => order.orderid}
            empty={<><p>No order here yet.</p><Link to="/trade" class="button primary">Place an order</Link></>} />
        </Panel>
      </div>
      {changing === undefined ? null : (
        <ModifyDialog order={changing} onClose={() => setChanging(undefined)} onDone={book.refresh} />
      )}
    </Page>
  );
}
