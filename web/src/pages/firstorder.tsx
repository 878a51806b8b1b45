// Lines to paste into a terminal. The key stands as a placeholder: a real one is shown only once,
// where it is created.

import { useState } from "preact/hooks";
import { Link } from "../lib/router";
import { Segmented } from "../ui/form";
import { Snippet } from "../ui/copy";

const kLanguages = ["curl", "Python", "Node"] as const;
type Language = (typeof kLanguages)[number];
const kPlaceholder = "YOUR_API_KEY";

function snippet(language: Language, key: string): string {
  const host = window.location.origin;
  if (language === "curl") {
    return `curl -s ${host}/api/v1/placeorder \\
  -H 'Content-Type: application/json' \\
  -d '{"apikey":"${key}",
       "strategy":"first","exchange":"NSE","symbol":"SBIN",
       "action":"BUY","quantity":1,
       "pricetype":"MARKET","product":"MIS"}'`;
  }
  if (language === "Python") {
    return `# pip install openalgo
from openalgo import api
client = api(api_key="${key}", host="${host}")
print(client.placeorder(strategy="first", symbol="SBIN", action="BUY",
                        exchange="NSE", price_type="MARKET",
                        product="MIS", quantity=1))`;
  }
  return `// npm install openalgo
import OpenAlgo from "openalgo";
const client = new OpenAlgo("${key}", "${host}");
console.log(await client.placeOrder({
  strategy: "first", symbol: "SBIN", action: "BUY", exchange: "NSE",
  priceType: "MARKET", product: "MIS", quantity: 1 }));`;
}

export function FirstOrder({ apiKey }: { apiKey?: string }) {
  const [language, setLanguage] = useState<Language>("curl");
  return (
    <div class="form">
      <Segmented bare label="Language" value={language} choices={kLanguages} onChange={setLanguage} />
      <Snippet text={snippet(language, apiKey ?? kPlaceholder)} label={`First order with ${language}`} />
      {apiKey !== undefined ? null : (
        <p class="muted">Put an <Link to="/apikeys">API key</Link> in place of {kPlaceholder}. The order appears in the list within seconds.</p>
      )}
    </div>
  );
}

const wayOut = (path: string, key: string) =>
  `curl -s ${window.location.origin}/api/v1/${path} \\
  -H 'Content-Type: application/json' \\
  -d '{"apikey":"${key}","strategy":"out"}'`;

/** For a key that may only square off: orders first, so that none of them works on once its position is closed. */
export function GettingOut({ apiKey }: { apiKey: string }) {
  return (
    <div class="form">
      <Snippet text={`${wayOut("cancelallorder", apiKey)}\n${wayOut("closeposition", apiKey)}`} label="Getting out with curl" />
    </div>
  );
}
