// RFC 6238 as an authenticator app computes it: six digits, 30 seconds, SHA-1.

import { createHmac } from "node:crypto";

const kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const kStepSeconds = 30;

function decode(base32) {
  let bits = "";
  for (const letter of base32.replace(/=+$/, "").toUpperCase()) bits += kAlphabet.indexOf(letter).toString(2).padStart(5, "0");
  return Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
}

export const stepNow = () => Math.floor(Date.now() / 1000 / kStepSeconds);

export function codeAt(secret, step) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", decode(secret)).update(counter).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** Hands out each step's code once, as the gateway takes each once; waits for the next step if needed. */
export class Authenticator {
  #last = 0;
  constructor(secret) {
    this.secret = secret;
  }
  async next() {
    while (stepNow() + 1 <= this.#last) await new Promise((wake) => setTimeout(wake, 1000));
    // The step after the present one is within the allowed drift, so two codes need no wait.
    this.#last = Math.max(stepNow(), this.#last + 1);
    return codeAt(this.secret, this.#last);
  }
}
