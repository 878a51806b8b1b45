// One instrument: its quote and five levels of depth. A click on a level takes its price over into
// the ticket.

import type { Contract, Depth, Level } from "../../api/trading";
import { compact, percent, price, quantity } from "../../lib/format";
import { useDepth } from "../../lib/liveprices";
import { Panel, signClass, Trouble } from "../../ui/panel";

const kDepthMs = 4000;

interface Props {
  contract: Contract;
  onPrice: (price: number) => void;
}
export function MarketPanel({ contract, onPrice }: Props) {
  const { data: depth, error } = useDepth(contract, kDepthMs);
  const change = depth === undefined ? 0 : depth.ltp - depth.prev_close;
  const share = depth === undefined || depth.prev_close === 0 ? 0 : (change / depth.prev_close) * 100;
  return (
    <Panel title={`${contract.symbol} · ${contract.exchange}`} flush>
      <div class="body">
        <Trouble error={error} />
        <div class="quote-head">
          <span class="last">{depth === undefined ? "\u2013" : price(depth.ltp)}</span>
          <span class={signClass(change)}>{depth === undefined ? "" : `${change > 0 ? "+" : ""}${price(change)} (${percent(share)})`}</span>
        </div>
        <Facts depth={depth} />
      </div>
      <div class="depth">
        <Side title="Bid" class="bids" levels={depth?.bids} total={depth?.totalbuyqty} onPrice={onPrice} />
        <Side title="Ask" class="asks" levels={depth?.asks} total={depth?.totalsellqty} onPrice={onPrice} />
      </div>
    </Panel>
  );
}

function Facts({ depth }: { depth: Depth | undefined }) {
  const facts: [string, string | undefined][] = [
    ["Open", depth && price(depth.open)],
    ["High", depth && price(depth.high)],
    ["Low", depth && price(depth.low)],
    ["Previous close", depth && price(depth.prev_close)],
    ["Volume", depth && compact(depth.volume)],
    ["Open interest", depth && compact(depth.oi)],
    ["Last quantity", depth && quantity(depth.ltq)],
  ];
  return (
    <dl class="quote-facts">
      {facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value ?? "\u2013"}</dd></div>)}
    </dl>
  );
}

interface SideProps {
  title: string;
  class: string;
  levels: Level[] | undefined;
  total: number | undefined;
  onPrice: (price: number) => void;
}
const kEmpty: readonly Level[] = Array.from({ length: 5 }, () => ({ price: 0, quantity: 0 }));

function Side(props: SideProps) {
  const levels = props.levels ?? kEmpty;
  const most = Math.max(1, ...levels.map((level) => level.quantity));
  const row = (level: Level, index: number) => (
    <tr key={index}>
      <td><button type="button" class="price" disabled={level.price === 0} onClick={() => props.onPrice(level.price)}>{level.price === 0 ? "\u2013" : price(level.price)}</button></td>
      <td>
        <svg class="level-bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true"><rect x={100 - (level.quantity / most) * 100} width={(level.quantity / most) * 100} height="1" /></svg>
        <span>{level.quantity === 0 ? "\u2013" : quantity(level.quantity)}</span>
      </td>
    </tr>
  );
  return (
    <div class={props.class}>
      <table>
        <caption class="visually-hidden">{`${props.title} side of the book`}</caption>
        <thead><tr><th scope="col">{props.title}</th><th scope="col">Quantity</th></tr></thead>
        <tbody>{levels.map(row)}</tbody>
        <tfoot><tr><td><span>Total</span></td><td><span>{props.total === undefined ? "\u2013" : compact(props.total)}</span></td></tr></tfoot>
      </table>
    </div>
  );
}
