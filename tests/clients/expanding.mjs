// Reads a calendar (JSON: text, since, until) from stdin and writes what it holds, as node-ical sees it.
import { readFileSync } from "node:fs";

const { default: ical } = await import(process.argv[2]);
const { text, since, until } = JSON.parse(readFileSync(0, "utf8"));
const span = { from: new Date(since), to: new Date(until) };

const day = (at) => [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((one) => `${one}`.padStart(2, "0")).join("-");
const edge = (at, byDay) => (byDay ? day(at) : at.toISOString());

const found = Object.values(ical.sync.parseICS(text))
  .filter((one) => one.type === "VEVENT")
  .flatMap((one) => ical.expandRecurringEvent(one, span))
  .map((one) => ({
    by_day: one.isFullDay,
    edges: [one.start, one.end].map((at) => edge(at, one.isFullDay)),
    summary: one.summary?.val ?? one.summary,
    location: one.event.location?.val ?? one.event.location ?? "",
  }));
process.stdout.write(JSON.stringify(found));
