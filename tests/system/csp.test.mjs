// The content security policy as Google's CSP Evaluator judges it, on pages and on refusals (R23).
import assert from "node:assert/strict";
import { test } from "node:test";
import evaluatorModule from "csp_evaluator/dist/evaluator.js";
import findingModule from "csp_evaluator/dist/finding.js";
import parserModule from "csp_evaluator/dist/parser.js";
import { host } from "./gateway.mjs";

const { CspEvaluator } = evaluatorModule;
const { Severity } = findingModule;
const { CspParser } = parserModule;

// 'self' would be a risk if others could place files here, or if a JSONP endpoint or AngularJS were among
// ours. The gateway serves its own built files and JSON with `nosniff`, and stores nothing under a name.
const isOurSelf = (finding) =>
  finding.severity === Severity.MEDIUM_MAYBE && finding.directive === "script-src" && finding.value === "'self'";
const faultsOf = (policy) =>
  new CspEvaluator(new CspParser(policy).csp).evaluate()
    .filter((finding) => finding.severity < Severity.INFO && !isOurSelf(finding))
    .map(({ directive, description }) => `${directive}: ${description}`);

for (const path of ["/", "/login", "/setup", "/dashboard", "/nowhere", "/api/v1/nowhere", "/security/api/data", "/assets/nothing.js"]) {
  test(`R23 CSP Evaluator finds nothing in the policy of ${path}`, async () => {
    const reply = await fetch(host + path, { redirect: "manual" });
    const policy = reply.headers.get("content-security-policy");
    assert.ok(policy, "there is a policy");
    assert.deepEqual(faultsOf(policy), []);
    assert.match(policy, /require-trusted-types-for 'script'/);
    assert.match(policy, /frame-ancestors 'none'/);
  });
}

test("the evaluator would notice", () => {
  for (const bad of ["script-src 'unsafe-inline'", "script-src *", "default-src 'self'; script-src 'self' 'unsafe-eval'", "img-src 'self'"]) {
    assert.notEqual(faultsOf(bad).length, 0, bad);
  }
});
