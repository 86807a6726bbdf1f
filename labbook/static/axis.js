// Time on a board, for everything that reads positions off it. Positions are real seconds from the left edge of a lane,
// so a day of 23 or 25 hours is read rightly; wall-clock words are those of the board's site (data-zone), never of the
// browser. A page may hold boards of several sites.

export const HOUR = 3600e3;
export const DAY = 24 * HOUR;

const { lang } = document.documentElement;
const reader = lang === 'ja' ? 'ja' : 'en-GB'; // day before month, as pages say it

export const number = (element, name) => Number(element.style.getPropertyValue(name));

/** The time axis of a lane: where it starts (ms), how long it is (ms). On a resource page each row has its own. */
export function axisOf(element) {
  const { start, seconds } = element.closest('[data-start]').dataset;
  return { start: Date.parse(start), length: Number(seconds) * 1000 };
}

/** The instant at a distance from the left of the page, on the lane's axis, even beyond its ends. */
export function instantFrom(lane, x) {
  const box = lane.getBoundingClientRect();
  const { start, length } = axisOf(lane);
  return start + ((x - box.left) / box.width) * length;
}

class Clock {
  constructor(timeZone) {
    const day = { weekday: 'short', day: 'numeric', month: 'short' };
    const digits = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' };
    this.digits = new Intl.DateTimeFormat('sv-SE', { timeZone, hourCycle: 'h23', ...digits });
    this.named = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'short' });
    this.weekday = new Intl.DateTimeFormat(reader, { timeZone, weekday: 'short' });
    this.dated = new Intl.DateTimeFormat(reader, { timeZone, ...day });
  }

  /** Wall time of an instant (ms), as "2026-11-23T09:00". */
  wall(ms) { return this.digits.format(ms).replace(' ', 'T'); }

  /** Whether the instant lies in the second pass of an hour that the clocks repeat. */
  folded(ms) { return this.wall(ms) === this.wall(ms - HOUR); }

  /** "09:00"; in a repeated hour with the zone's name of the moment, "01:00 EST". */
  hours(ms) {
    const time = this.wall(ms).slice(11);
    if (!this.folded(ms) && !this.folded(ms + HOUR)) return time;
    return `${time} ${this.named.formatToParts(ms).find((part) => part.type === 'timeZoneName').value}`;
  }

  /** The same time of day some days later (earlier: negative). */
  later(ms, days) {
    const asUtc = (instant) => Date.parse(`${this.wall(instant)}Z`);
    const there = ms + days * DAY;
    return there + asUtc(ms) + days * DAY - asUtc(there);
  }

  /** Puts a time into the address of a form, as its links do. */
  into(url, from, to) {
    for (const [name, instant] of [['from', from], ['to', to]]) {
      url.searchParams.set(name, this.wall(instant));
      url.searchParams.delete(`${name}_fold`);
      if (this.folded(instant)) url.searchParams.set(`${name}_fold`, '1');
    }
    return url;
  }
}

const clocks = {};

/** The clock of the board that something lies on. */
export function clockOf(element) {
  const zone = element.closest('.board').dataset.zone || 'UTC';
  return (clocks[zone] ??= new Clock(zone));
}

/** The grid of a lane in ms; a day where it is booked by the calendar. */
export function slotOf(element) {
  const row = element.closest('.row');
  if (row.dataset.slot) return Number(row.dataset.slot) * 60e3;
  return row.dataset.resource ? DAY : stepOf(element);
}

/** What a pointer over free time is led by: the grid of the row, or else of the board. */
const gridOf = (item) => Number(item.closest('.row').dataset.slot) * 60e3 || stepOf(item);

/** The grid of a board in ms. */
export const stepOf = (element) => (Number(element.closest('.board').dataset.step) || 900) * 1000;

/** An instant some steps of a grid later; steps of a day keep the time of day. */
export const stepped = (element, ms, step, count) => (
  step < DAY ? ms + count * step : clockOf(element).later(ms, Math.round((count * step) / DAY))
);

/** A drawn stretch as instants: { from, to } in ms. */
export function stretchOf(item) {
  const { start, length } = axisOf(item);
  const from = start + (number(item, '--l') / 100) * length;
  // Percentages are rounded by the server; stretches begin and end on whole minutes, those of months on half hours.
  const grain = stepOf(item) < DAY ? 60e3 : HOUR / 2;
  const whole = (ms) => start + Math.round((ms - start) / grain) * grain;
  return { from: whole(from), to: whole(from + (number(item, '--w') / 100) * length) };
}

/** What of a free stretch lies on the grid of its times; all of it where nothing does. */
export function bookable(item) {
  const { from, to } = stretchOf(item);
  const [{ start }, step] = [axisOf(item), gridOf(item)];
  if (step >= DAY) return { from, to };
  const [first, last] = [Math.ceil((from - start) / step), Math.floor((to - start) / step)];
  return first < last ? { from: start + first * step, to: start + last * step } : { from, to };
}

/** The step of the grid that an instant lies in, within a free stretch: [from, to]. */
export function stepAt(item, instant) {
  const { from, to } = bookable(item);
  const [{ start }, step] = [axisOf(item), gridOf(item)];
  const down = start + Math.floor((instant - start) / step) * step;
  const [first, last] = [down, down + step].map((edge) => Math.min(Math.max(atMidnight(item, edge, step), from), to));
  if (first < last) return [first, last];
  return first === from ? [from, Math.min(from + step, to)] : [Math.max(to - step, from), to];
}

/** Steps of a day end at midnight, also beyond a change of the clocks. */
function atMidnight(item, ms, step) {
  if (step < DAY) return ms;
  return ms + ({ '23:00': HOUR, '01:00': -HOUR }[clockOf(item).wall(ms).slice(11)] ?? 0);
}

/** A stretch in words: days where one books by the day, with the weekday where a lane is longer than a day. */
export function inWords(lane, from, to, step = stepOf(lane)) {
  const clock = clockOf(lane);
  const axis = axisOf(lane);
  const isElsewhere = from < axis.start || from >= axis.start + axis.length;
  if (step >= DAY) {
    const [first, last] = [clock.dated.format(from), clock.dated.format(to - 1)];
    return first === last ? first : `${first} – ${last}`;
  }
  const day = isElsewhere ? clock.dated : axis.length > 2 * DAY ? clock.weekday : null;
  return `${day ? `${day.format(from)} ` : ''}${clock.hours(from)}–${clock.hours(to)}`;
}
