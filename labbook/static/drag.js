// A booking that one may move is dragged to another time or unit of its resource. Letting go opens the form that moves
// it, filled with that time: nothing changes before that form is sent. With keys one opens the form from its page.

import { axisOf, hours, instantFrom, number, withTime } from './axis.js';

const REST = 350; // ms that a finger rests on a booking to take hold of it; until then it scrolls the board
const board = document.querySelector('.board[data-start]');
const wide = matchMedia('(min-width: 641px)'); // below, the board is a list without an axis

const ghost = Object.assign(document.createElement('li'), { className: 'ghost dragged', ariaHidden: 'true' });
ghost.append(document.createElement('span'));
const said = Object.assign(document.createElement('p'), { className: 'vh', role: 'status' });

let drag = null; // { bar, lane, length, grab, slot, x, y, live, timer, from }

/** Where a bar begins and how long it is, in ms; the server rounds percentages, bookings begin on whole minutes. */
function timeOf(bar) {
  const { start, length } = axisOf(bar);
  const whole = (share) => Math.round(((share / 100) * length) / 60e3) * 60e3;
  return { from: start + whole(number(bar, '--l')), length: whole(number(bar, '--w')) };
}

function take(bar, event) {
  const { from, length } = timeOf(bar);
  const lane = bar.parentNode;
  const slot = (Number(bar.closest('.row').dataset.slot) || 15) * 60e3;
  const grab = instantFrom(lane, event.clientX) - from;
  drag = { bar, lane, from, length, grab, slot, was: { from, lane }, x: event.clientX, y: event.clientY, live: false };
  if (event.pointerType === 'touch') drag.timer = setTimeout(live, REST);
}

function live() {
  drag.live = true;
  drag.bar.classList.add('lifted');
  board.classList.add('dragging');
  show();
}

/** The lane of the same resource under the pointer; else the one that it was last over. */
function laneUnder(event) {
  const row = document.elementFromPoint(event.clientX, event.clientY)?.closest('.row');
  const isOne = row && row.dataset.resource === drag.bar.closest('.row').dataset.resource && row.dataset.unit;
  return (isOne && row.querySelector('.lane')) || drag.lane;
}

function follow(event) {
  drag.lane = laneUnder(event);
  const { start, length } = axisOf(drag.lane);
  const wanted = instantFrom(drag.lane, event.clientX) - drag.grab;
  // Whole steps from where it stands, so that it stays on its grid.
  const moved = drag.was.from + Math.round((wanted - drag.was.from) / drag.slot) * drag.slot;
  drag.from = Math.min(Math.max(moved, start), start + length - drag.slot);
  show();
}

function show() {
  const { start, length } = axisOf(drag.lane);
  ghost.style.setProperty('--l', ((drag.from - start) / length) * 100);
  ghost.style.setProperty('--w', (drag.length / length) * 100);
  const unit = drag.lane.closest('.row').querySelector('h3 small')?.textContent;
  const text = `${unit ? `${unit}, ` : ''}${hours(drag.from)}–${hours(drag.from + drag.length)}`;
  if (ghost.firstChild.textContent !== text) said.textContent = ghost.firstChild.textContent = text;
  if (ghost.parentNode !== drag.lane) drag.lane.append(ghost);
}

function stop() {
  clearTimeout(drag?.timer);
  drag?.bar.classList.remove('lifted');
  board.classList.remove('dragging');
  ghost.remove();
  drag = null;
}

function drop() {
  const { bar, lane, from, length, was } = drag;
  if (from === was.from && lane === was.lane) return;
  const url = withTime(new URL(bar.dataset.move, location.href), from, from + length);
  const { unit } = lane.closest('.row').dataset;
  if (unit) url.searchParams.set('unit', unit);
  location.assign(url);
}

/** The click that follows letting go must not open the booking as well; where none follows, the next one counts. */
function swallowClick() {
  const swallow = (event) => { event.preventDefault(); event.stopPropagation(); };
  addEventListener('click', swallow, { capture: true, once: true });
  setTimeout(() => removeEventListener('click', swallow, { capture: true }), 0);
}

if (board) {
  board.append(said);
  board.addEventListener('pointerdown', (event) => {
    const bar = event.target.closest('.b[data-move]');
    if (bar && !event.button && event.isPrimary && wide.matches) take(bar, event);
  });
  addEventListener('pointermove', (event) => {
    if (!drag || !event.isPrimary) return;
    const far = Math.hypot(event.clientX - drag.x, event.clientY - drag.y);
    if (!drag.live && event.pointerType === 'touch') { if (far > 10) stop(); return; }
    if (!drag.live && far > 5) live();
    if (drag.live) follow(event);
  });
  addEventListener('pointerup', () => {
    if (!drag) return;
    if (drag.live) { swallowClick(); drop(); }
    stop();
  });
  addEventListener('pointercancel', stop);
  addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !drag) return;
    if (drag.live) addEventListener('pointerup', swallowClick, { once: true });
    stop();
  });
  // A finger that has taken hold moves the booking, and neither scrolls nor opens a menu.
  board.addEventListener('touchmove', (event) => { if (drag?.live) event.preventDefault(); }, { passive: false });
  board.addEventListener('contextmenu', (event) => { if (drag?.live) event.preventDefault(); });
}
