// How long the gateway takes, by route and by stage.

import { useState } from "preact/hooks";
import * as records from "../api/records";
import type { LatencyRow, RouteLatency } from "../api/records";
import { count, micros, time } from "../lib/format";
import { usePolled } from "../lib/poll";
import { LatencyChart } from "../ui/chart";
import { Page, Panel, Trouble } from "../ui/panel";
import { Records } from "../ui/records";
import { Table } from "../ui/table";
import type { Column } from "../ui/table";

const kStatsMs = 10_000;

const percentileColumns = <Row extends records.Percentiles>(): Column<Row>[] => [
  { title: "p50", right: true, cell: (row) => micros(row.p50), sort: (row) => row.p50 },
  { title: "p95", right: true, cell: (row) => micros(row.p95), sort: (row) => row.p95 },
  { title: "p99", right: true, cell: (row) => micros(row.p99), sort: (row) => row.p99 },
  { title: "p99.9", right: true, cell: (row) => micros(row.p999), sort: (row) => row.p999 },
];

const rowColumns: readonly Column<LatencyRow>[] = [
  { title: "Time", cell: (row) => <span class="muted">{time(row.at)}</span> },
  { title: "Order id", cell: (row) => <span class="mono">{row.orderid}</span> },
  { title: "Route", cell: (row) => <span class="mono">{row.route}</span>, hidePhone: true },
  { title: "Total", right: true, cell: (row) => micros(row.total_micros), sort: (row) => row.total_micros },
  { title: "Stages", wrap: true, cell: (row) => Object.entries(row.stages).map(([stage, spent]) => `${stage} ${micros(spent)}`).join(", ") },
];

export function LatencyPage() {
  const { data: stats, error } = usePolled(records.latencyStats, kStatsMs);
  const [chosen, setChosen] = useState<string>();
  const route: RouteLatency | undefined = stats?.routes.find((row) => row.route === chosen) ?? stats?.routes[0];
  const trend = stats?.trend ?? [];
  return (
    <Page title="Latency">
      <div class="stack">
        <Trouble error={error} />
        <div class="grid">
          <Panel title="Trend of the last hour" class="span-7">
            {trend.length > 1 ? null : <p class="muted">A line appears when two minutes are over.</p>}
            <LatencyChart label="Median and 99th percentile by minute" series={[
              { name: "p50", values: trend.map((minute) => minute.p50) },
              { name: "p99", values: trend.map((minute) => minute.p99) },
            ]} />
            <div class="chart-labels"><span>{time(trend[0]?.at)}</span><span class="legend"><span>p50</span><span class="second">p99</span></span><span>{time(trend[trend.length - 1]?.at)}</span></div>
          </Panel>
          <Panel title={route === undefined ? "Stages" : `Stages of ${route.route}`} class="span-5" flush>
            <Table caption="Stages" rows={route?.stages} keyOf={(row) => row.stage} empty="No stage is recorded."
              columns={[{ title: "Stage", cell: (row) => row.stage }, ...percentileColumns<RouteLatency["stages"][number]>()]} />
          </Panel>
        </div>
        <Panel title="Routes" flush>
          <Table caption="Latency by route" rows={stats?.routes} keyOf={(row) => row.route} empty="No request yet." onSelect={(row) => setChosen(row.route)}
            {...(route === undefined ? {} : { selected: route.route })}
            columns={[
              { title: "Route", cell: (row) => <span class="mono">{row.route}</span>, sort: (row) => row.route },
              { title: "Requests", right: true, cell: (row) => count(row.count), sort: (row) => row.count },
              ...percentileColumns<RouteLatency>(),
              { title: "Max", right: true, cell: (row) => micros(row.max), sort: (row) => row.max, hidePhone: true },
            ]} />
        </Panel>
        <Records title="Orders" ask={records.latencyRows} columns={rowColumns} keyOf={(row) => `${row.orderid} ${row.at}`} empty="No order matches." exportPath="/latency/export"
          filters={[
            { name: "orderid", label: "Order id" },
            { name: "route", label: "Route" },
            { name: "status", label: "Status", list: ["complete", "open", "trigger pending", "rejected"] },
            { name: "slower_than_ms", label: "Slower than, ms" },
            { name: "from", label: "From", placeholder: "2027-06-29" },
            { name: "to", label: "To" },
          ]} />
      </div>
    </Page>
  );
}
