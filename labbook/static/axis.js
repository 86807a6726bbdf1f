// The time axis of a board, for everything that reads positions off it. Positions are real seconds from the left edge of
// a lane; wall-clock labels are those of the site (data-zone), never of the browser.

export const HOUR = 3600e3;
export const DAY = 24 * HOUR;

const zone = document.querySelector('.board')?.dataset.zone || 'UTC';
const clock = new Intl.DateTimeFormat('sv-SE', {
  timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
});
const named = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'short' });

/** Site wall time of an instant (ms), as "2026-11-23T09:00". */
export const wall = (ms) => clock.format(ms).replace(' ', 'T');
/** Whether the instant lies in the second pass of an hour that the clocks repeat. */
export const folded = (ms) => wall(ms) === wall(ms - HOUR);

/** "09:00"; in a repeated hour with the zone's name of the moment, "01:00 EST". */
export function hours(ms) {
  const time = wall(ms).slice(11);
  if (!folded(ms) && !folded(ms + HOUR)) return time;
  return `${time} ${named.formatToParts(ms).find((part) => part.type === 'timeZoneName').value}`;
}

/** The time axis of a lane: where it starts (ms), how long it is (ms). On a resource page each row has its own. */
export function axisOf(element) {
  const { start, seconds } = element.closest('[data-start]').dataset;
  return { start: Date.parse(start), length: Number(seconds) * 1000 };
}

export const number = (element, name) => Number(element.style.getPropertyValue(name));

/** The instant at a distance from the left of the page, on the lane's axis, even beyond its ends. */
export function instantFrom(lane, x) {
  const box = lane.getBoundingClientRect();
  const { start, length } = axisOf(lane);
  return start + ((x - box.left) / box.width) * length;
}

/** Puts a time into the address of a form, as its links do. */
export function withTime(url, from, to) {
  for (const [name, instant] of [['from', from], ['to', to]]) {
    url.searchParams.set(name, wall(instant));
    url.searchParams.delete(`${name}_fold`);
    if (folded(instant)) url.searchParams.set(`${name}_fold`, '1');
  }
  return url;
}
