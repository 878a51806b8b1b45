// One WebSocket for all pages: prices and order updates as they happen. It is an acceleration only: while
// it is away, pages poll as if it did not exist. The gateway admits it by the session's cookie.

export interface Instrument {
  exchange: string;
  symbol: string;
}
export type TickMode = 2 | 3; // quote, depth
export type TickData = Record<string, unknown>;
type OnTick = (data: TickData) => void;

const kFirstWaitMs = 1000;
const kLongestWaitMs = 30_000;
/** A page change drops and takes up subscriptions; the socket outlives it. */
const kLingerMs = 5000;

interface Subscription {
  instrument: Instrument;
  mode: TickMode;
  listeners: Set<OnTick>;
}

const keyOf = (instrument: Instrument, mode: number): string => `${mode}:${instrument.exchange}:${instrument.symbol}`;

class LiveFeed {
  private socket: WebSocket | undefined;
  private admitted = false;
  private waitMs = kFirstWaitMs;
  private retry = 0;
  private linger = 0;
  private flush = 0;
  private told = new Map<string, Subscription>();
  private toldOrders = false;
  private readonly subscriptions = new Map<string, Subscription>();
  private readonly orderListeners = new Set<() => void>();
  private readonly stateListeners = new Set<(live: boolean) => void>();

  get live(): boolean {
    return this.admitted;
  }

  onState(listener: (live: boolean) => void): () => void {
    this.stateListeners.add(listener);
    return () => void this.stateListeners.delete(listener);
  }

  onOrders(listener: () => void): () => void {
    this.orderListeners.add(listener);
    this.changed();
    return () => {
      this.orderListeners.delete(listener);
      this.changed();
    };
  }

  onTick(instrument: Instrument, mode: TickMode, listener: OnTick): () => void {
    const key = keyOf(instrument, mode);
    const subscription = this.subscriptions.get(key) ?? { instrument, mode, listeners: new Set() };
    this.subscriptions.set(key, subscription);
    subscription.listeners.add(listener);
    this.changed();
    return () => {
      subscription.listeners.delete(listener);
      if (subscription.listeners.size === 0) this.subscriptions.delete(key);
      this.changed();
    };
  }

  /** What a page change takes up and drops goes out as one message for each act, not one a symbol. */
  private changed(): void {
    if (this.flush !== 0) return;
    this.flush = window.setTimeout(() => {
      this.flush = 0;
      this.wanted();
      this.tellDifference();
    }, 0);
  }

  /** Connects when somebody listens, disconnects a while after the last has gone. */
  private wanted(): void {
    const idle = this.orderListeners.size === 0 && this.subscriptions.size === 0;
    window.clearTimeout(this.linger);
    if (idle) this.linger = window.setTimeout(() => this.close(), kLingerMs);
    else if (this.socket === undefined && this.retry === 0) this.connect();
  }

  private connect(): void {
    const socket = new WebSocket(`${window.location.protocol === "https:" ? "wss" : "ws"}://${window.location.host}/ws`);
    this.socket = socket;
    socket.onmessage = (event) => this.received(String(event.data));
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.socket = undefined;
      this.setAdmitted(false);
      this.retry = window.setTimeout(() => {
        this.retry = 0;
        this.wanted();
      }, this.waitMs * (0.75 + Math.random() / 2));
      this.waitMs = Math.min(kLongestWaitMs, this.waitMs * 2);
    };
  }

  private close(): void {
    const socket = this.socket;
    this.socket = undefined;
    window.clearTimeout(this.retry);
    this.retry = 0;
    this.setAdmitted(false);
    socket?.close(1000);
  }

  private send(message: Record<string, unknown>): void {
    this.socket?.send(JSON.stringify(message));
  }

  private tellDifference(): void {
    if (!this.admitted) return;
    const orders = this.orderListeners.size > 0;
    if (orders !== this.toldOrders) this.send({ action: orders ? "subscribe_orders" : "unsubscribe_orders" });
    this.toldOrders = orders;
    for (const mode of [2, 3] as const) {
      this.tell("subscribe", mode, [...this.subscriptions].filter(([key]) => !this.told.has(key)).map(([, one]) => one));
      this.tell("unsubscribe", mode, [...this.told].filter(([key]) => !this.subscriptions.has(key)).map(([, one]) => one));
    }
    this.told = new Map(this.subscriptions);
  }

  private tell(action: string, mode: TickMode, changed: Subscription[]): void {
    const symbols = changed.filter((one) => one.mode === mode).map((one) => one.instrument);
    if (symbols.length > 0) this.send({ action, mode, symbols });
  }

  private setAdmitted(admitted: boolean): void {
    if (this.admitted === admitted) return;
    this.admitted = admitted;
    for (const listener of this.stateListeners) listener(admitted);
  }

  private received(text: string): void {
    const message = JSON.parse(text) as Record<string, unknown>;
    if (message["type"] === "auth") {
      this.waitMs = kFirstWaitMs;
      this.told = new Map();
      this.toldOrders = false;
      this.setAdmitted(true);
      this.tellDifference();
    } else if (message["type"] === "market_data") {
      const data = message["data"] as TickData;
      const instrument = { exchange: String(message["exchange"]), symbol: String(message["symbol"]) };
      const listeners = this.subscriptions.get(keyOf(instrument, Number(message["mode"])))?.listeners;
      for (const listener of listeners ?? []) listener(data);
    } else if (message["type"] === "order_update") {
      for (const listener of this.orderListeners) listener();
    }
  }
}

export const feed = new LiveFeed();
