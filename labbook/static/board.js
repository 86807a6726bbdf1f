// The board with a mouse and with keys. Without this file every free stretch is still a link to the booking form.
// Positions are real seconds from the left edge of a lane, so a day of 23 or 25 hours is drawn and read rightly;
// wall-clock labels are those of the site (data-zone), never of the browser.

import { DAY, HOUR, axisOf, hours, instantFrom, number, wall, withTime } from './axis.js';

const board = document.querySelector('.board');
const wide = matchMedia('(min-width: 641px)');
const step = (Number(board?.dataset.step) || 900) * 1000;

const reader = document.documentElement.lang || 'en';

const weekday = new Intl.DateTimeFormat(reader, { timeZone: board?.dataset.zone || 'UTC', weekday: 'short' });
const dated = new Intl.DateTimeFormat(reader, { timeZone: board?.dataset.zone || 'UTC', weekday: 'short', day: 'numeric', month: 'short' });

/** A stretch in words: days where one books by the day, with the weekday where a lane is longer than a day. */
function inWords(from, to, length) {
  if (step >= DAY) {
    const [first, last] = [dated.format(from), dated.format(to - 1)];
    return first === last ? first : `${first} – ${last}`;
  }
  const times = `${hours(from)}–${hours(to)}`;
  return length > 2 * DAY ? `${weekday.format(from)} ${times}` : times;
}

/** A free stretch as instants: { from, to } in ms. */
function stretchOf(item) {
  const { start, length } = axisOf(item);
  const from = start + (number(item, '--l') / 100) * length;
  // Percentages are rounded by the server; stretches begin and end on whole minutes, those of months on half hours.
  const grain = step < DAY ? 60e3 : HOUR / 2;
  const whole = (ms) => start + Math.round((ms - start) / grain) * grain;
  return { from: whole(from), to: whole(from + (number(item, '--w') / 100) * length) };
}

/** The instant under a pointer, within its lane. */
function instantAt(lane, x) {
  const { start, length } = axisOf(lane);
  return Math.min(start + length, Math.max(start, instantFrom(lane, x)));
}

/** Steps of a day end at midnight, also beyond a change of the clocks. */
function atMidnight(ms) {
  if (step < DAY) return ms;
  return ms + ({ '23:00': HOUR, '01:00': -HOUR }[wall(ms).slice(11)] ?? 0);
}

/** The step that an instant lies in, within the stretch: [from, to]. Steps count from the lane's left edge. */
function stepAt(item, instant) {
  const { from, to } = stretchOf(item);
  const { start } = axisOf(item);
  const down = start + Math.floor((instant - start) / step) * step;
  return [down, down + step].map((edge) => Math.min(Math.max(atMidnight(edge), from), to));
}

/** The booking form's address for a part of a free stretch. */
const addressOf = (item, from, to) => withTime(new URL(item.querySelector('a').href), from, to);

/* The line under the pointer, read off on the ruler. A resource page has a ruler, but no line through all its days. */
const line = board?.dataset.start ? board.querySelector('.lines .cursor') : null;
const lineLabel = board?.querySelector('.cursor-label');

function showLine(lane, instant) {
  if (!lineLabel) return;
  const { start, length } = axisOf(lane);
  const shown = start + Math.round((instant - start) / 300e3) * 300e3;
  for (const part of [line, lineLabel]) {
    if (!part) continue;
    part.style.setProperty('--l', ((shown - start) / length) * 100);
    part.hidden = false;
  }
  const day = length > 2 * DAY ? `${(step < DAY ? weekday : dated).format(instant)} ` : '';
  lineLabel.textContent = day + (step < DAY ? hours(shown) : '');
}

function hideLine() {
  for (const part of [line, lineLabel]) if (part) part.hidden = true;
}

/* What a click would book, drawn in the stretch. */
const ghost = Object.assign(document.createElement('li'), { className: 'ghost', ariaHidden: 'true' });
ghost.append(document.createElement('span'));

function showGhost(item, from, to) {
  const { start, length } = axisOf(item);
  const lane = item.parentNode;
  const width = (to - from) / length;
  ghost.style.setProperty('--l', ((from - start) / length) * 100);
  ghost.style.setProperty('--w', width * 100);
  ghost.firstChild.textContent = inWords(from, to, length);
  // Where it does not fit, the ruler says it.
  ghost.firstChild.hidden = width * lane.clientWidth < (step < DAY ? 90 : 150);
  if (ghost.parentNode !== lane) lane.append(ghost);
  lineLabel.textContent = ghost.firstChild.textContent;
}

function withPointer() {
  let drag = null; // { item, first: [from, to], x, live, from, to }

  const span = (item, instant) => {
    // Without a drag a click proposes an hour, or one step where steps are longer.
    const [from] = stepAt(item, instant);
    return [from, Math.min(from + Math.max(step, HOUR), stretchOf(item).to)];
  };
  const stop = () => { drag = null; ghost.remove(); };

  board.addEventListener('pointermove', (event) => {
    if (event.pointerType === 'touch' || !wide.matches) return;
    const lane = drag?.item.parentNode ?? event.target.closest('.lane');
    if (!lane || lane.classList.contains('by-day')) { hideLine(); ghost.remove(); return; }
    const instant = instantAt(lane, event.clientX);
    showLine(lane, instant);
    if (!drag) {
      const item = event.target.closest('.free');
      if (item) showGhost(item, ...span(item, instant)); else ghost.remove();
      return;
    }
    if (!drag.live && Math.abs(event.clientX - drag.x) < 4) return;
    drag.live = true;
    const here = stepAt(drag.item, instant);
    drag.from = Math.min(drag.first[0], here[0]);
    drag.to = Math.max(drag.first[1], here[1]);
    showGhost(drag.item, drag.from, drag.to);
  });
  board.addEventListener('pointerleave', () => { hideLine(); if (!drag) ghost.remove(); });
  board.addEventListener('pointerdown', (event) => {
    const item = event.target.closest('.free');
    if (!item || event.button || event.pointerType === 'touch' || !wide.matches) return;
    const instant = instantAt(item.parentNode, event.clientX);
    drag = { item, first: stepAt(item, instant), x: event.clientX, live: false };
  });
  addEventListener('pointerup', () => {
    if (drag?.live) location.assign(addressOf(drag.item, drag.from, drag.to));
    // The click that follows a drag must not open the link as well.
    if (drag?.live) addEventListener('click', (event) => event.preventDefault(), { capture: true, once: true });
    stop();
  });
  addEventListener('pointercancel', stop);
  addEventListener('keydown', (event) => { if (event.key === 'Escape' && drag) stop(); });
  board.addEventListener('dragstart', (event) => event.preventDefault());
  board.addEventListener('click', (event) => {
    const item = event.target.closest('.free');
    // detail 0 is the keyboard: it books from the beginning of the stretch, as the link says.
    if (!item || !event.detail || event.defaultPrevented || !wide.matches) return;
    const url = addressOf(item, ...span(item, instantAt(item.parentNode, event.clientX)));
    item.querySelector('a').href = url;
  });
  board.classList.add('live');
}

/* Arrow keys walk over stretches and rows; the whole board is one stop of the Tab key. */
function withKeys() {
  const rows = () => [...board.querySelectorAll('.area[open] .row, .days .row')];
  const stops = (row) => [...row.querySelectorAll('h3 a, .lane a')];
  const all = [...board.querySelectorAll('.row a')];
  if (!all.length) return;
  const rove = (target) => {
    board.querySelector('.row a[tabindex="0"]')?.setAttribute('tabindex', '-1');
    target.tabIndex = 0;
  };
  const apply = () => {
    for (const link of all) wide.matches ? link.setAttribute('tabindex', '-1') : link.removeAttribute('tabindex');
    if (wide.matches) rove(board.querySelector('.lane .free a') ?? all[0]);
  };
  const middle = (link) => { const box = link.getBoundingClientRect(); return box.left + box.width / 2; };
  const nearest = (row, x) => {
    const inLane = [...row.querySelectorAll('.lane a')];
    const distance = (link) => { const b = link.getBoundingClientRect(); return x < b.left ? b.left - x : x > b.right ? x - b.right : 0; };
    return inLane.sort((a, b) => distance(a) - distance(b))[0] ?? stops(row)[0];
  };
  let column = null; // the x that Up and Down keep to, as a text editor does

  board.addEventListener('focusin', (event) => { if (event.target.matches('.row a') && wide.matches) rove(event.target); });
  board.addEventListener('keydown', (event) => {
    const link = event.target.closest('.row a');
    if (!link || !wide.matches || event.altKey || event.ctrlKey || event.metaKey) return;
    const row = link.closest('.row');
    const line = stops(row);
    const list = rows();
    const at = line.indexOf(link);
    const down = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    let next = null;
    if (event.key === 'ArrowRight') next = line[at + 1];
    else if (event.key === 'ArrowLeft') next = line[at - 1];
    else if (event.key === 'Home') next = line[0];
    else if (event.key === 'End') next = line.at(-1);
    else if (down) {
      column ??= middle(link);
      const index = Math.min(list.length - 1, Math.max(0, list.indexOf(row) + down));
      next = link.closest('h3') ? list[index].querySelector('h3 a') : nearest(list[index], column);
    } else return;
    event.preventDefault();
    if (!down) column = null;
    if (!next) return;
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  });
  wide.addEventListener('change', apply);
  apply();
}

/** Keep the now-line where now is. The server's clock counts: only what has passed since the page came is added. */
function keepNow() {
  const marks = board.querySelectorAll('.now, .now-label');
  if (!marks.length || !board.dataset.start) return;
  const { start, length } = axisOf(board);
  const first = number(marks[0], '--l');
  const since = Date.now();
  setInterval(() => {
    const left = first + ((Date.now() - since) / length) * 100;
    for (const mark of marks) {
      mark.style.setProperty('--l', left);
      mark.hidden = left > 100;
      if (mark.classList.contains('now-label')) mark.textContent = hours(start + (left / 100) * length);
    }
  }, 30e3);
}

/** Where the board scrolls sideways, begin at now, or else at the first stretch that is not closed. */
function scrollToDay() {
  const scroller = board.closest('.board-scroll');
  if (scroller.scrollWidth <= scroller.clientWidth + 1) return;
  const now = board.querySelector('.lines .now');
  const lefts = [...board.querySelectorAll('.lane .b:not(.closed, .past)')].map((b) => number(b, '--l'));
  const left = now ? number(now, '--l') : Math.min(...lefts, 100);
  const lane = board.querySelector('.lane');
  scroller.scrollLeft = (left / 100) * lane.clientWidth - 80;
}

/** On a phone a long day opens with its first area; the others are one tap away. */
function foldAreas() {
  const areas = [...board.querySelectorAll('.area')];
  if (board.querySelectorAll('.row').length <= 12) return;
  for (const area of areas.slice(1)) area.open = false;
}

if (board) {
  withPointer();
  withKeys();
  keepNow();
  if (wide.matches) scrollToDay();
  else foldAreas();
}
