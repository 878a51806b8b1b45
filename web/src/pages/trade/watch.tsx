// The watch list (kept in this browser) and the search that fills it.

import { useEffect, useState } from "preact/hooks";
import * as trading from "../../api/trading";
import type { Contract, Instrument, NamedQuote } from "../../api/trading";
import { messageOf } from "../../api/client";
import { percent, price } from "../../lib/format";
import { useQuotes } from "../../lib/liveprices";
import { TextField } from "../../ui/form";
import { Notice, Panel, signClass } from "../../ui/panel";
import { SymbolCell } from "../../ui/table";

const kKey = "kavach.watchlist";
const kWatchMax = 30;
const kWatchMs = 6000;
const kFirstList = ["NSE_INDEX:NIFTY", "NSE:SBIN", "NSE:RELIANCE", "NSE:INFY", "NSE:TCS", "NSE:HDFCBANK", "NSE:ITC"];

const nameOf = (contract: Contract): string => `${contract.exchange}:${contract.symbol}`;

function storedList(): Contract[] {
  let names: unknown = kFirstList;
  try {
    names = JSON.parse(window.localStorage.getItem(kKey) ?? "null") ?? kFirstList;
  } catch {
    // Unreadable or forbidden: start with the first list.
  }
  return (Array.isArray(names) ? names : kFirstList)
    .map((name) => String(name).split(":", 2))
    .filter((parts): parts is [string, string] => parts.length === 2 && parts[0] !== "" && parts[1] !== "")
    .map(([exchange, symbol]) => ({ exchange, symbol }))
    .slice(0, kWatchMax);
}

function useWatchList(): [Contract[], (next: Contract[]) => void] {
  const [list, setList] = useState(storedList);
  const change = (next: Contract[]) => {
    setList(next);
    try {
      window.localStorage.setItem(kKey, JSON.stringify(next.map(nameOf)));
    } catch {
      // Then the list lasts as long as the page.
    }
  };
  return [list, change];
}

export function WatchPanel({ selected, onSelect }: { selected: Contract; onSelect: (contract: Contract) => void }) {
  const [list, setList] = useWatchList();
  const [text, setText] = useState("");
  const watched = useQuotes(list, kWatchMs);
  const quoteOf = (contract: Contract): NamedQuote | undefined =>
    watched.data?.find((quote) => quote.symbol === contract.symbol && quote.exchange === contract.exchange);

  const pick = (instrument: Instrument) => {
    setText("");
    if (!list.some((entry) => nameOf(entry) === nameOf(instrument))) {
      setList([{ exchange: instrument.exchange, symbol: instrument.symbol }, ...list].slice(0, kWatchMax));
    }
    onSelect({ exchange: instrument.exchange, symbol: instrument.symbol });
  };
  return (
    <Panel title="Watch list" class="watch" flush>
      <div class="body">
        <TextField label="Find an instrument" type="search" value={text} onInput={setText} placeholder="NIFTY 26000 CE, SBIN, CRUDEOIL" maxLength={60} />
      </div>
      {text.trim().length < 2 ? null : <SearchResults text={text.trim()} onPick={pick} />}
      <div class="watch-rows">
        {list.map((contract) => (
          <WatchRow key={nameOf(contract)} contract={contract} quote={quoteOf(contract)} selected={nameOf(contract) === nameOf(selected)}
            onSelect={() => onSelect(contract)} onForget={() => setList(list.filter((entry) => nameOf(entry) !== nameOf(contract)))} />
        ))}
      </div>
    </Panel>
  );
}

interface RowProps {
  contract: Contract;
  quote: NamedQuote | undefined;
  selected: boolean;
  onSelect: () => void;
  onForget: () => void;
}
function WatchRow({ contract, quote, selected, onSelect, onForget }: RowProps) {
  const change = quote === undefined || quote.prev_close === 0 ? 0 : (quote.ltp / quote.prev_close - 1) * 100;
  return (
    <div class="watch-line">
      <button type="button" class="watch-row" aria-pressed={selected} onClick={onSelect}>
        <SymbolCell symbol={contract.symbol} exchange={contract.exchange} />
        <span>{quote === undefined ? "\u2013" : price(quote.ltp)}</span>
        <span class={`change ${signClass(change)}`}>{quote === undefined ? "" : percent(change)}</span>
      </button>
      <button type="button" class="forget" aria-label={`Stop watching ${contract.symbol}`} onClick={onForget}>×</button>
    </div>
  );
}

const kTypingMs = 250;

function SearchResults({ text, onPick }: { text: string; onPick: (instrument: Instrument) => void }) {
  const [found, setFound] = useState<Instrument[]>();
  const [problem, setProblem] = useState("");
  useEffect(() => {
    const abort = new AbortController();
    const timer = window.setTimeout(() => {
      trading.searchInstruments(text, "", { signal: abort.signal }).then(
        (rows) => {
          setFound(rows);
          setProblem("");
        },
        (error: unknown) => {
          if (!abort.signal.aborted) setProblem(messageOf(error));
        },
      );
    }, kTypingMs);
    return () => {
      window.clearTimeout(timer);
      abort.abort();
    };
  }, [text]);
  if (problem !== "") return <Notice tone="bad">{problem}</Notice>;
  if (found === undefined) return <div class="table-note">Searching</div>;
  if (found.length === 0) return <div class="table-note">No instrument matches.</div>;
  return (
    <div class="search-results">
      {found.map((instrument) => (
        <button key={nameOf(instrument)} type="button" class="watch-row" onClick={() => onPick(instrument)}>
          <SymbolCell symbol={instrument.symbol} exchange={instrument.exchange} />
          <span class="muted">{instrument.expiry}</span>
          <span class="change muted">{instrument.instrumenttype}</span>
        </button>
      ))}
    </div>
  );
}
