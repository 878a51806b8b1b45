// The first page: money at a glance, the latest orders, and the first program.

import * as trading from "../api/trading";
import { count, money, signedMoney } from "../lib/format";
import { useBook } from "../lib/liveprices";
import { usePolled } from "../lib/poll";
import { Link } from "../lib/router";
import { useSession } from "../lib/session";
import { Page, Panel, Stats, Trouble } from "../ui/panel";
import { Table } from "../ui/table";
import { kBookMs, orderColumns } from "./orderbook";
import { FirstOrder } from "./firstorder";

export function DashboardPage() {
  const { session } = useSession();
  const funds = usePolled(trading.funds, kBookMs * 2);
  const book = useBook(trading.orders, kBookMs);
  const positions = usePolled(trading.positions, kBookMs * 2);
  const open = positions.data?.positions.filter((row) => row.quantity !== 0).length;
  return (
    <Page title="Dashboard" actions={session.role === "viewer" ? undefined : <Link to="/trade" class="button primary">New order</Link>}>
      <div class="stack">
        <Trouble error={funds.error || book.error || positions.error} />
        <Stats figures={[
          { label: "Available", value: funds.data && money(funds.data.available) },
          { label: "Used margin", value: funds.data && money(funds.data.used_margin) },
          { label: "Profit and loss", value: positions.data && signedMoney(positions.data.total_pnl), sign: positions.data?.total_pnl },
          { label: "Open positions", value: open === undefined ? undefined : count(open) },
          { label: "Working orders", value: book.data && count(book.data.statistics.total_open_orders) },
          { label: "Filled today", value: book.data && count(book.data.statistics.total_completed_orders) },
        ]} />
        <div class="grid">
          <Panel title="Latest orders" class="span-7" flush actions={<Link to="/orderbook">All orders</Link>}>
            <Table caption="Latest orders" columns={orderColumns.filter((column) => column.title !== "Type")} rows={book.data?.orders.slice(0, 10)}
              keyOf={(order) => order.orderid} empty="No order today." />
          </Panel>
          <Panel title="First order from a program" class="span-5"><FirstOrder /></Panel>
        </div>
      </div>
    </Page>
  );
}
