/** Results for the terminal. */
import Table from "cli-table3";
import { unevenness } from "./growth.js";

/** Prints a whole report. */
export function printReport({ machine, hosts, models, growth, sizes }) {
  const { cpu, family, cores, features, withheld } = machine;
  const known = features.join(", ") || "no known features";
  console.log(`${cpu} (family ${family}), ${cores} cores; ${known}${withheld ? `; withheld: ${withheld}` : ""}`);
  for (const host of hosts) console.log(`${host.name}: ${host.version ?? `skipped: ${host.missing}`}`);
  for (const model of models) printModel(model);
  for (const { name, ratio } of unevenness(growth)) {
    console.log(`${name}: time per MAC within ${ratio.toFixed(2)} from the smallest built model to the largest`);
  }
  console.log("\nWhat a page fetches, the model apart");
  const table = plain(["runtime", "bytes", "gzip", "brotli"]);
  for (const { name, raw, gzip, brotli } of sizes) table.push([name, ...[raw, gzip, brotli].map(count)]);
  console.log(table.toString());
}

function printModel({ name, macs, entries }) {
  console.log(
    `\n${name}: ${(macs / 1e6).toFixed(1)} million MACs; ratio = its minimum / the least of Midge's in that host`,
  );
  const table = plain(["host", "runtime", "min ms", "median", "p99", "first", "second", "load", "ratio", ""]);
  for (const entry of entries) {
    const { host, runtime, error, note = "" } = entry;
    if (error) table.push([host, runtime, { colSpan: 8, content: error }]);
    else {
      const times = ["minMs", "medianMs", "p99Ms", "firstMs", "secondMs", "loadMs"].map((key) =>
        entry[key].toPrecision(3),
      );
      table.push([host, runtime, ...times, ratioTo(entries, entry)?.toFixed(2) ?? "", note]);
    }
  }
  console.log(table.toString());
}

/**
 * An entry's minimum by the least of Midge's builds in the same host; native ones against the browser's.
 *
 * @returns {number | undefined} undefined where either is missing
 */
export function ratioTo(entries, { host, minMs }) {
  const place = host === "native" ? "chromium" : host;
  const ours = entries.filter((e) => e.host === place && e.runtime.startsWith("midge") && e.minMs !== undefined);
  return ours.length > 0 && minMs !== undefined ? minMs / Math.min(...ours.map((e) => e.minMs)) : undefined;
}

function plain(head) {
  return new Table({ head, style: { head: [], border: [], compact: true } });
}

function count(n) {
  return n.toLocaleString("en");
}
