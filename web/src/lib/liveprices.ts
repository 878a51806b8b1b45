// Prices and books that follow the market: the first answer by request, the rest over the socket, or by
// polling while there is none.

import { useEffect, useState } from "preact/hooks";
import type { Options } from "../api/client";
import * as trading from "../api/trading";
import type { Contract, Depth, Level, NamedQuote, Quote } from "../api/trading";
import { feed } from "./live";
import type { TickData } from "./live";
import { usePolled } from "./poll";
import type { Polled } from "./poll";

/** While the socket delivers, requests only catch what it might have missed. */
const kCatchUpMs = 60_000;
const kShowEveryMs = 250;
/** A burst of orders is one request; a stream of them one every other second. */
const kOrdersSettleMs = 200;
const kOrdersEveryMs = 2000;

export function useLive(): boolean {
  const [live, setLive] = useState(feed.live);
  useEffect(() => feed.onState(setLive), []);
  return live;
}

const numberOf = (data: TickData, name: string): number => Number(data[name] ?? 0);

const quoteOf = (data: TickData): Quote => ({
  open: numberOf(data, "open"),
  high: numberOf(data, "high"),
  low: numberOf(data, "low"),
  ltp: numberOf(data, "ltp"),
  bid: numberOf(data, "bid_price"),
  ask: numberOf(data, "ask_price"),
  prev_close: numberOf(data, "close"),
  volume: numberOf(data, "volume"),
  oi: numberOf(data, "oi"),
});

function depthOf(data: TickData): Depth {
  const book = data["depth"] as { buy: Level[]; sell: Level[] };
  return {
    ...quoteOf(data),
    ltq: numberOf(data, "last_trade_quantity"),
    totalbuyqty: numberOf(data, "total_buy_quantity"),
    totalsellqty: numberOf(data, "total_sell_quantity"),
    bids: book.buy,
    asks: book.sell,
  };
}

const nameOf = (contract: Contract): string => `${contract.exchange}:${contract.symbol}`;

/** Quotes of all `contracts`, redrawn at most four times a second however fast they come. */
export function useQuotes(contracts: readonly Contract[], pollMs: number): Polled<NamedQuote[]> {
  const live = useLive();
  const names = contracts.map(nameOf).join(",");
  const asked = usePolled(
    (options) => (contracts.length === 0 ? Promise.resolve([]) : trading.quotes([...contracts], options)),
    live ? kCatchUpMs : pollMs, [names]);
  const [ticks, setTicks] = useState<Record<string, Quote>>({});

  useEffect(() => {
    const arrived: Record<string, Quote> = {};
    let timer = 0;
    const show = () => {
      timer = 0;
      setTicks((now) => ({ ...now, ...arrived }));
    };
    const stops = contracts.map((contract) =>
      feed.onTick(contract, 2, (data) => {
        arrived[nameOf(contract)] = quoteOf(data);
        if (timer === 0) timer = window.setTimeout(show, kShowEveryMs);
      }));
    return () => {
      window.clearTimeout(timer);
      for (const stop of stops) stop();
    };
  }, [names]);

  const data = asked.data?.map((quote) => (live ? { ...quote, ...ticks[nameOf(quote)] } : quote));
  return { ...asked, data };
}

/** Five levels of one instrument. */
export function useDepth(contract: Contract, pollMs: number): Polled<Depth> {
  const live = useLive();
  const asked = usePolled((options) => trading.depth(contract, options), live ? kCatchUpMs : pollMs, [nameOf(contract)]);
  const [tick, setTick] = useState<Depth>();
  useEffect(() => {
    let latest: Depth | undefined;
    let timer = 0;
    const stop = feed.onTick(contract, 3, (data) => {
      latest = depthOf(data);
      if (timer !== 0) return;
      timer = window.setTimeout(() => {
        timer = 0;
        setTick(latest);
      }, kShowEveryMs);
    });
    return () => {
      window.clearTimeout(timer);
      setTick(undefined);
      stop();
    };
  }, [nameOf(contract)]);
  return { ...asked, data: live ? (tick ?? asked.data) : asked.data };
}

/** A book that is asked again when an order of this user changes. */
export function useBook<T>(ask: (options: Options) => Promise<T>, pollMs: number): Polled<T> {
  const live = useLive();
  const book = usePolled(ask, live ? Math.max(pollMs, kCatchUpMs / 2) : pollMs);
  const { refresh } = book;
  useEffect(() => {
    let timer = 0;
    let asked = -kOrdersEveryMs;
    const stop = feed.onOrders(() => {
      if (timer !== 0) return;
      timer = window.setTimeout(() => {
        timer = 0;
        asked = performance.now();
        refresh();
      }, Math.max(kOrdersSettleMs, asked + kOrdersEveryMs - performance.now()));
    });
    return () => {
      window.clearTimeout(timer);
      stop();
    };
  }, [refresh]);
  return book;
}
