// Reads calendars (a JSON list of texts) from stdin and writes what each of them holds, as ical.js sees it.
import { readFileSync } from "node:fs";

const { default: ICAL } = await import(process.argv[2]);
ICAL.design.strict = true;

function held(text) {
  const calendar = new ICAL.Component(ICAL.parse(text));
  ICAL.TimezoneService.reset();
  for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
  const parts = calendar.getAllSubcomponents("vevent");
  const masters = parts.filter((part) => !part.hasProperty("recurrence-id"));
  if (!masters.length) return parts.map((part) => shown(new ICAL.Event(part), part));
  return masters.flatMap((part) => {
    const uid = part.getFirstPropertyValue("uid");
    const isOfIt = (other) => other.hasProperty("recurrence-id") && other.getFirstPropertyValue("uid") === uid;
    const exceptions = parts.filter(isOfIt);
    const event = new ICAL.Event(part, { exceptions, strictExceptions: true });
    if (!event.isRecurring()) return [shown(event, part)];
    const found = [];
    const dates = event.iterator();
    for (let next = dates.next(); next; next = dates.next()) {
      const details = event.getOccurrenceDetails(next);
      found.push(span(details.startDate, details.endDate, details.item));
    }
    return found;
  });
}

function shown(event) {
  return span(event.startDate, event.endDate, event);
}

function span(start, end, event) {
  const at = (time) => (start.isDate ? time.toString() : time.toUnixTime());
  return { by_day: start.isDate, start: at(start), end: at(end), summary: event.summary, location: event.location ?? "" };
}

process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(held)));
