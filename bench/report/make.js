/** `node --import tsx bench/report/make.js RESULT.json`: bench/report.html once more, from an earlier result. */
import { readFileSync, writeFileSync } from "node:fs";
import { writeReport } from "./report.js";

writeFileSync(
  new URL("../report.html", import.meta.url),
  writeReport(JSON.parse(readFileSync(process.argv[2], "utf8"))),
);
