// Cash and margin.

import * as trading from "../api/trading";
import { money, percent, signedMoney } from "../lib/format";
import { usePolled } from "../lib/poll";
import { Page, Panel, Stats, Trouble } from "../ui/panel";

const kFundsMs = 10_000;

export function FundsPage() {
  const { data: funds, error } = usePolled(trading.funds, kFundsMs);
  const used = funds === undefined || funds.capital === 0 ? 0 : (funds.used_margin / funds.capital) * 100;
  return (
    <Page title="Funds">
      <div class="stack">
        <Trouble error={error} />
        <Stats figures={[
          { label: "Available", value: funds && money(funds.available) },
          { label: "Used margin", value: funds && money(funds.used_margin) },
          { label: "Capital", value: funds && money(funds.capital) },
          { label: "Realised today", value: funds && signedMoney(funds.realised), sign: funds?.realised },
          { label: "Unrealised", value: funds && signedMoney(funds.unrealised), sign: funds?.unrealised },
        ]} />
        <Panel title="Use of margin">
          <p class="muted">{percent(used).replace("+", "")} of the capital is blocked as margin.</p>
          <span class="meter" role="meter" aria-label="Margin used" aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(used)}>
            <span style={{ width: `${Math.min(100, used)}%` }} />
          </span>
        </Panel>
      </div>
    </Page>
  );
}
