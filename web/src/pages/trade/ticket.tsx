// The order ticket. It checks only what a form can (a number is a number); every rule is the gateway's.

import { useEffect, useState } from "preact/hooks";
import * as trading from "../../api/trading";
import type { Action, Contract, PriceType, Product } from "../../api/trading";
import { messageOf } from "../../api/client";
import { quantity as quantityText } from "../../lib/format";
import { useSession } from "../../lib/session";
import { tell } from "../../ui/asking";
import { Button, Form, Segmented, TextField } from "../../ui/form";
import { Notice, Panel } from "../../ui/panel";

const kTypes: readonly PriceType[] = ["MARKET", "LIMIT", "SL", "SL-M"];
const kDerivatives = ["NFO", "BFO", "MCX", "CDS", "BCD", "NCDEX", "NCO", "CRYPTO"];

/** Delivery exists for shares, carry-forward for derivatives. */
export function productsOf(exchange: string): readonly Product[] {
  return kDerivatives.includes(exchange) ? ["MIS", "NRML"] : ["MIS", "CNC"];
}

const numberOf = (text: string): number => (text.trim() === "" ? 0 : Number(text));

/** One id for each intent: a repeated click or a lost answer cannot place the order twice. */
const newIntent = (): string => `console-${crypto.randomUUID()}`;

interface Props {
  contract: Contract;
  /** `action`, `quantity`, `product` of a link. */
  suggested: URLSearchParams;
  clickedPrice: number | undefined;
  onPlaced: () => void;
}

export function OrderTicketPanel({ contract, suggested, clickedPrice, onPlaced }: Props) {
  const { session } = useSession();
  const products = productsOf(contract.exchange);
  const asked = suggested.get("product") as Product | null;
  const [action, setAction] = useState<Action>(suggested.get("action") === "SELL" ? "SELL" : "BUY");
  const [product, setProduct] = useState<Product>(asked !== null && products.includes(asked) ? asked : "MIS");
  const [type, setType] = useState<PriceType>("MARKET");
  const [quantity, setQuantity] = useState(suggested.get("quantity") ?? "");
  const [price, setPrice] = useState("");
  const [trigger, setTrigger] = useState("");
  const [lot, setLot] = useState(1);
  const [intent, setIntent] = useState(newIntent);
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    if (clickedPrice === undefined) return;
    setPrice(String(clickedPrice));
    setType((now) => (now === "MARKET" ? "LIMIT" : now));
  }, [clickedPrice]);
  useEffect(() => {
    let stale = false;
    trading.searchInstruments(contract.symbol, contract.exchange).then((rows) => {
      const exact = rows.find((row) => row.symbol === contract.symbol);
      if (stale || exact === undefined) return;
      setLot(exact.lotsize);
      setQuantity((now) => (now === "" ? String(exact.lotsize) : now));
    }, () => undefined);
    return () => {
      stale = true;
    };
  }, []);

  const isIndex = contract.exchange.endsWith("_INDEX");
  const hasPrice = type === "LIMIT" || type === "SL";
  const hasTrigger = type === "SL" || type === "SL-M";
  const submit = async () => {
    setBusy(true);
    setProblem("");
    try {
      const placed = await trading.placeOrder({
        ...contract, action, product, pricetype: type, quantity: numberOf(quantity), price: hasPrice ? numberOf(price) : 0,
        trigger_price: hasTrigger ? numberOf(trigger) : 0, disclosed_quantity: 0, client_order_id: intent,
      });
      tell(`Order ${placed.orderid} is placed.`);
      setIntent(newIntent());
      onPlaced();
    } catch (error) {
      setProblem(messageOf(error));
    }
    setBusy(false);
  };
  /** A changed ticket is another intent. */
  const edit = <Value,>(set: (value: Value) => void) => (value: Value) => {
    set(value);
    setIntent(newIntent());
  };
  if (session.role === "viewer") return <Panel title="Order">Your role may look, not trade.</Panel>;
  if (isIndex) return <Panel title="Order"><p class="muted">An index cannot be traded itself. Search for its futures and options.</p></Panel>;
  return (
    <Panel title="Order">
      <Form onSubmit={submit} label="Order ticket">
        <Segmented label="Side" side value={action} choices={["BUY", "SELL"] as const} onChange={edit(setAction)} />
        <Segmented label="Product" value={product} choices={products} onChange={edit(setProduct)} />
        <Segmented label="Type" value={type} choices={kTypes} onChange={edit(setType)} />
        <TextField label="Quantity" type="number" value={quantity} onInput={edit(setQuantity)} min={0} step="any" required
          {...(lot > 1 ? { hint: `Lot size ${quantityText(lot)}` } : {})} />
        {hasPrice ? <TextField label="Price" type="number" value={price} onInput={edit(setPrice)} min={0} step="any" required /> : null}
        {hasTrigger ? <TextField label="Trigger price" type="number" value={trigger} onInput={edit(setTrigger)} min={0} step="any" required /> : null}
        {problem === "" ? null : <Notice tone="bad">{problem}</Notice>}
        <Button kind={action === "BUY" ? "buy-side" : "sell-side"} wide submit busy={busy}>
          {action === "BUY" ? "Buy" : "Sell"} {contract.symbol}
        </Button>
      </Form>
    </Panel>
  );
}
