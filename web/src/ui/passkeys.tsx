// What is left to do where an account asks for its passkey and this browser has none to offer.

import { Notice } from "./panel";

export function PasskeyElsewhere({ then }: { then: string }) {
  return (
    <Notice tone="warn">
      This account is confirmed with its passkey, and this browser cannot use passkeys here. {then} If the passkey is lost, run this on
      the gateway's machine: <code>kavach user reset-second-factor NAME</code>
    </Notice>
  );
}
