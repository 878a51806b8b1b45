// Changes a working order.

import { useState } from "preact/hooks";
import * as trading from "../../api/trading";
import type { Order, PriceType } from "../../api/trading";
import { messageOf } from "../../api/client";
import { tell } from "../../ui/asking";
import { Dialog } from "../../ui/dialog";
import { Button, Form, Segmented, TextField } from "../../ui/form";
import { Notice } from "../../ui/panel";

interface Props {
  order: Order;
  onClose: () => void;
  onDone: () => void;
}
export function ModifyDialog({ order, onClose, onDone }: Props) {
  const [type, setType] = useState<PriceType>(order.pricetype);
  const [quantity, setQuantity] = useState(String(order.quantity));
  const [price, setPrice] = useState(String(order.price));
  const [trigger, setTrigger] = useState(String(order.trigger_price));
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const hasPrice = type === "LIMIT" || type === "SL";
  const hasTrigger = type === "SL" || type === "SL-M";
  const submit = async () => {
    setBusy(true);
    try {
      await trading.modifyOrder({
        orderid: order.orderid, pricetype: type, quantity: Number(quantity), price: hasPrice ? Number(price) : 0,
        trigger_price: hasTrigger ? Number(trigger) : 0,
      });
      tell(`Order ${order.orderid} is changed.`);
      onDone();
      onClose();
    } catch (error) {
      setProblem(messageOf(error));
      setBusy(false);
    }
  };
  return (
    <Dialog title={`Modify ${order.action} ${order.symbol}`} onClose={onClose}>
      <Form onSubmit={submit} label="Modify the order">
        <Segmented label="Type" value={type} choices={["MARKET", "LIMIT", "SL", "SL-M"] as const} onChange={setType} />
        <TextField label="Quantity" type="number" value={quantity} onInput={setQuantity} min={0} step="any" required />
        {hasPrice ? <TextField label="Price" type="number" value={price} onInput={setPrice} min={0} step="any" required /> : null}
        {hasTrigger ? <TextField label="Trigger price" type="number" value={trigger} onInput={setTrigger} min={0} step="any" required /> : null}
        {problem === "" ? null : <Notice tone="bad">{problem}</Notice>}
        <div class="form-actions"><Button kind="primary" submit busy={busy}>Change the order</Button></div>
      </Form>
    </Dialog>
  );
}
