// Grades https://localhost as developer.mozilla.org/observatory would, and says what each test found.
import { mkdirSync, writeFileSync, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

// The package downloads this list of preloaded names when it is installed with its scripts; localhost is not
// on it, so an empty one gives the same answer.
const conf = join(dirname(fileURLToPath(import.meta.resolve("@mdn/mdn-http-observatory"))), "..", "conf");
mkdirSync(conf, { recursive: true });
if (!existsSync(join(conf, "hsts-preload.json"))) writeFileSync(join(conf, "hsts-preload.json"), "{}");

const { scan } = await import("@mdn/mdn-http-observatory");
const { scan: result, tests } = await scan("localhost");
for (const [name, { pass, result: found, scoreModifier }] of Object.entries(tests)) {
  console.log(`    ${pass ? "pass" : "FAIL"} ${name}: ${found} (${scoreModifier})`);
}
console.log(`    ${result.grade}, ${result.score} points, ${result.testsFailed} tests failed`);
process.exit(result.grade === "A+" && result.score >= 120 && result.testsFailed === 0 ? 0 : 1);
