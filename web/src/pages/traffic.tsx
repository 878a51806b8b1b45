// Every request, the refused ones included.

import * as records from "../api/records";
import type { TrafficRow, TrafficStats } from "../api/records";
import { count, micros, time } from "../lib/format";
import { usePolled } from "../lib/poll";
import { BarChart } from "../ui/chart";
import { Badge, Page, Panel, Stats, Trouble } from "../ui/panel";
import { Records } from "../ui/records";
import { Table } from "../ui/table";
import type { Column } from "../ui/table";

const kStatsMs = 10_000;
const kMinutes = 60;
const kMinuteMs = 60_000;

function StatusCode({ status }: { status: number }) {
  const tone = status >= 500 ? "bad" : status >= 400 ? "warn" : "good";
  return <Badge tone={tone}>{status}</Badge>;
}

const stagesOf = (row: TrafficRow) =>
  Object.entries(row.stages).map(([stage, spent]) => `${stage} ${micros(spent)}`).join(", ");

const columns: readonly Column<TrafficRow>[] = [
  { title: "Time", cell: (row) => <span class="muted">{time(row.at)}</span> },
  { title: "Address", cell: (row) => row.address },
  { title: "Request", cell: (row) => <><span class="muted">{row.method}</span> <span class="mono">{row.route}</span></>, wrap: true },
  { title: "Status", cell: (row) => <StatusCode status={row.status} /> },
  { title: "Time taken", right: true, cell: (row) => <span title={stagesOf(row)}>{micros(row.duration_micros)}</span>, sort: (row) => row.duration_micros },
  { title: "Waited", right: true, cell: (row) => micros(row.stages.queue), sort: (row) => row.stages.queue, hidePhone: true },
  { title: "Who", cell: (row) => row.principal, hidePhone: true },
  { title: "Refusal", cell: (row) => row.refusal, hidePhone: true },
  { title: "Request id", cell: (row) => <span class="mono muted">{row.request_id}</span>, hidePhone: true },
];

/** One bar a minute up to the latest, the quiet ones included. */
function lastHour(minutes: TrafficStats["by_minute"]) {
  const known = new Map(minutes.map((minute) => [Date.parse(minute.at), minute]));
  const latest = Math.max(...known.keys());
  if (!Number.isFinite(latest)) return [];
  return Array.from({ length: kMinutes }, (_, index) => {
    const at = latest - (kMinutes - 1 - index) * kMinuteMs;
    const minute = known.get(at);
    return { at: time(new Date(at).toISOString()), value: minute?.requests ?? 0, bad: minute?.errors ?? 0 };
  });
}

export function TrafficPage() {
  const { data: stats, error } = usePolled(records.trafficStats, kStatsMs);
  const bars = lastHour(stats?.by_minute ?? []);
  return (
    <Page title="Traffic">
      <div class="stack">
        <Trouble error={error} />
        <Stats figures={[
          { label: "Requests", value: stats && count(stats.total) },
          { label: "Failed", value: stats && count(stats.errors) },
          { label: "Refused", value: stats && count(stats.refused) },
          { label: "From banned addresses", value: stats && count(stats.banned) },
          { label: "Average time", value: stats && micros(stats.average_micros) },
        ]} />
        <div class="grid">
          <Panel title="Requests by minute" class="span-7">
            <BarChart bars={bars} label="Requests by minute in the last hour" />
            <div class="chart-labels"><span>{bars[0]?.at}</span><span class="legend"><span>requests</span><span class="bad">failed</span></span><span>{bars[bars.length - 1]?.at}</span></div>
          </Panel>
          <Panel title="Busiest routes" class="span-5" flush>
            <Table caption="Busiest routes" rows={stats?.by_route.slice(0, 8)} keyOf={(row) => row.route} empty="No request yet."
              columns={[
                { title: "Route", cell: (row) => <span class="mono">{row.route}</span>, wrap: true },
                { title: "Requests", right: true, cell: (row) => count(row.requests), sort: (row) => row.requests },
                { title: "Failed", right: true, cell: (row) => count(row.errors), sort: (row) => row.errors },
                { title: "Average", right: true, cell: (row) => micros(row.average_micros), sort: (row) => row.average_micros },
              ]} />
          </Panel>
        </div>
        <Records title="Requests" ask={records.trafficRows} columns={columns} keyOf={(row) => `${row.request_id} ${row.at}`} empty="No request matches." exportPath="/traffic/export"
          filters={[
            { name: "address", label: "Address" },
            { name: "method", label: "Method", list: ["GET", "POST", "DELETE"] },
            { name: "route", label: "Route", placeholder: "/api/v1/quotes" },
            { name: "status", label: "Status", placeholder: "403" },
            { name: "principal", label: "Who" },
            { name: "refusal", label: "Refusal", placeholder: "rate_limited" },
            { name: "request_id", label: "Request id" },
            { name: "from", label: "From", placeholder: "2027-06-29T10:15" },
            { name: "to", label: "To" },
          ]} />
      </div>
    </Page>
  );
}
