// Orders, books, instruments and prices. Field names are those of /api/v1.

import { get, post, query } from "./client";
import type { Options } from "./client";
import type { Mode } from "./auth";

export type Action = "BUY" | "SELL";
export type PriceType = "MARKET" | "LIMIT" | "SL" | "SL-M";
export type Product = "MIS" | "NRML" | "CNC";

export interface Order {
  orderid: string;
  symbol: string;
  exchange: string;
  action: Action;
  quantity: number;
  filled_quantity: number;
  pending_quantity: number;
  price: number;
  trigger_price: number;
  average_price: number;
  pricetype: PriceType;
  product: Product;
  order_status: string;
  rejection_reason: string;
  strategy: string;
  timestamp: string;
}
export interface OrderBook {
  orders: Order[];
  statistics: {
    total_buy_orders: number;
    total_sell_orders: number;
    total_completed_orders: number;
    total_open_orders: number;
    total_rejected_orders: number;
  };
}
export interface Trade {
  tradeid: string;
  orderid: string;
  symbol: string;
  exchange: string;
  product: Product;
  action: Action;
  quantity: number;
  average_price: number;
  trade_value: number;
  strategy: string;
  timestamp: string;
}
export interface Position {
  symbol: string;
  exchange: string;
  product: Product;
  quantity: number;
  average_price: number;
  ltp: number;
  pnl: number;
  realised: number;
}
export interface Holding {
  symbol: string;
  exchange: string;
  product: Product;
  quantity: number;
  average_price: number;
  ltp: number;
  pnl: number;
  pnlpercent: number;
}
export interface Holdings {
  holdings: Holding[];
  statistics: {
    totalholdingvalue: number;
    totalinvvalue: number;
    totalprofitandloss: number;
    totalpnlpercentage: number;
  };
}
export interface Funds {
  capital: number;
  available: number;
  used_margin: number;
  realised: number;
  unrealised: number;
}
export interface Instrument {
  symbol: string;
  exchange: string;
  name: string;
  expiry: string;
  strike: number;
  lotsize: number;
  instrumenttype: string;
  tick_size: number;
  freeze_qty: number;
}
export interface Quote {
  open: number;
  high: number;
  low: number;
  ltp: number;
  bid: number;
  ask: number;
  prev_close: number;
  volume: number;
  oi: number;
}
export interface NamedQuote extends Quote {
  symbol: string;
  exchange: string;
}
export interface Level {
  price: number;
  quantity: number;
}
export interface Depth extends Quote {
  ltq: number;
  totalbuyqty: number;
  totalsellqty: number;
  bids: Level[];
  asks: Level[];
}
export interface Contract {
  exchange: string;
  symbol: string;
}

export const orders = (options?: Options) => get<OrderBook>("/console/api/orders", options);
export const trades = async (options?: Options): Promise<Trade[]> =>
  (await get<{ trades: Trade[] }>("/console/api/trades", options)).trades;
export const positions = (options?: Options) =>
  get<{ positions: Position[]; total_pnl: number }>("/console/api/positions", options);
export const holdings = (options?: Options) => get<Holdings>("/console/api/holdings", options);
export const funds = (options?: Options) => get<Funds>("/console/api/funds", options);

export interface OrderTicket extends Contract {
  action: Action;
  quantity: number;
  pricetype: PriceType;
  product: Product;
  price: number;
  trigger_price: number;
  disclosed_quantity: number;
  client_order_id: string;
}
interface Placed {
  orderid: string;
}
export const placeOrder = (ticket: OrderTicket) => post<Placed>("/console/api/orders", { ...ticket });
export const modifyOrder = (change: {
  orderid: string;
  quantity: number;
  price: number;
  trigger_price: number;
  pricetype: PriceType;
}) => post<Placed>("/console/api/orders/modify", change);
export const cancelOrder = (orderid: string) => post<Placed>("/console/api/orders/cancel", { orderid });
export const cancelAllOrders = () =>
  post<{ cancelled: string[]; failed: { orderid: string; message: string }[] }>("/console/api/orders/cancel-all");
export const closeAllPositions = () =>
  post<{
    closed: number;
    pending: number;
    failed: number;
    failures: { symbol: string; exchange: string; product: string; message: string }[];
  }>("/console/api/positions/close-all");

export const searchInstruments = async (q: string, exchange: string, options?: Options): Promise<Instrument[]> =>
  (await get<{ instruments: Instrument[] }>(`/console/api/instruments${query({ q, exchange, limit: 40 })}`, options))
    .instruments;
export const quotes = async (contracts: Contract[], options?: Options): Promise<NamedQuote[]> => {
  const symbols = contracts.map((contract) => `${contract.exchange}:${contract.symbol}`).join(",");
  return (await get<{ quotes: NamedQuote[] }>(`/console/api/quotes${query({ symbols })}`, options)).quotes;
};
export const depth = (contract: Contract, options?: Options) =>
  get<Depth>(`/console/api/depth${query({ exchange: contract.exchange, symbol: contract.symbol })}`, options);

export const mode = async (): Promise<Mode> => (await get<{ mode: Mode }>("/console/api/mode")).mode;
export type TradingState = "ACTIVE" | "REDUCING" | "HALTED" | "RECONCILING";
export const tradingState = async (): Promise<TradingState> =>
  (await get<{ state: TradingState }>("/console/api/kill-switch")).state;
export const setTradingState = (state: TradingState, reason: string) => post<void>("/console/api/kill-switch", { state, reason });
export const setMode = async (next: Mode): Promise<Mode> =>
  (await post<{ mode: Mode }>("/console/api/mode", { mode: next })).mode;
