// The board by keys. The whole board is one stop of the Tab key; arrows walk over stretches and rows. M takes hold of
// a booking or of free time: then arrows move it, Shift and arrows stretch it, and what the rules say is read out.

import { DAY, HOUR, bookable, clockOf, slotOf } from './axis.js';
import { giveUp, held, open, place, say, shift, take, words } from './hand.js';

const wide = matchMedia('(min-width: 641px)');
const dialog = document.getElementById('board-keys');
const PLACE = 'labbook-board'; // where one was when a key turned to another day

const rowsOf = (board) => [...board.querySelectorAll('.area[open] .row, .days .row')];
const STOPS = '.row :is(h3 a, h3 button, .lane a)';
const stopsOf = (row) => [...row.querySelectorAll(STOPS)];
const middle = (link) => { const box = link.getBoundingClientRect(); return box.left + box.width / 2; };

function nearest(row, x) {
  const distance = (link) => {
    const box = link.getBoundingClientRect();
    return Math.max(box.left - x, x - box.right, 0);
  };
  return [...row.querySelectorAll('.lane a')].sort((a, b) => distance(a) - distance(b))[0] ?? stopsOf(row)[0];
}

/** Make one of them the board's stop of the Tab key. */
function rove(board, target) {
  board.querySelector('.row [tabindex="0"]')?.setAttribute('tabindex', '-1');
  target.tabIndex = 0;
}

/** All stops but one leave the Tab order; anew after what is shown has changed. */
function settle(board) {
  const all = [...board.querySelectorAll(STOPS)];
  const had = board.querySelector('.row [tabindex="0"]');
  for (const link of all) wide.matches ? link.setAttribute('tabindex', '-1') : link.removeAttribute('tabindex');
  const own = all.find((link) => link === document.activeElement) ?? had;
  if (all.length && wide.matches) rove(board, own ?? board.querySelector('.lane .free a') ?? all[0]);
  const corner = board.querySelector('.corner:not(.own-clock)');
  if (!dialog || !corner || corner.querySelector('button')) return;
  const button = Object.assign(document.createElement('button'), { type: 'button', className: 'keys', textContent: words.keys });
  button.addEventListener('click', () => dialog.showModal());
  corner.append(button);
}

let isTold = false; // that bookings can be moved
let column = null; // the x that Up and Down keep to, as a text editor does

function walk(board, link, key) {
  const row = link.closest('.row');
  const line = stopsOf(row);
  const at = line.indexOf(link);
  const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[key];
  let next = { ArrowRight: line[at + 1], ArrowLeft: line[at - 1], Home: line[0], End: line.at(-1) }[key];
  if (by) {
    const list = rowsOf(board);
    column ??= middle(link);
    const to = list[Math.min(list.length - 1, Math.max(0, list.indexOf(row) + by))];
    next = link.closest('h3') ? to.querySelector('h3 a') : nearest(to, column);
  } else column = null;
  if (!next) return;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}

/** Page keys turn to the day or week before or after, in the same row; false where a page has none. */
function turn(link, key) {
  const there = document.querySelector(`.stepper a[rel="${key === 'PageUp' ? 'prev' : 'next'}"]`);
  if (!there) return false;
  const { resource, unit } = link.closest('.row').dataset;
  sessionStorage.setItem(PLACE, JSON.stringify({ resource, unit, isName: Boolean(link.closest('h3')), x: middle(link) }));
  location.assign(there.href);
  return true;
}

function comeBack() {
  const was = JSON.parse(sessionStorage.getItem(PLACE) ?? 'null');
  sessionStorage.removeItem(PLACE);
  if (!was || !wide.matches) return;
  const rows = [...document.querySelectorAll('.board .row')].filter((row) => row.dataset.resource === was.resource);
  const row = rows.find((one) => one.dataset.unit === was.unit) ?? rows[0] ?? document.querySelector('.board .row');
  if (row) (was.isName ? row.querySelector('h3 a') : nearest(row, was.x))?.focus();
}

/* --- what is held --- */

/** Begin with a booking as it is, or with the first hour of a free stretch (its shortest step where that is longer). */
function takeByKey(item) {
  if (!item.classList.contains('free')) { take(item, 'keys'); return; }
  const { from, to } = bookable(item);
  const grid = slotOf(item);
  const first = grid < DAY ? from + Math.max(grid, HOUR) : clockOf(item).later(from, 1);
  take(item, 'keys', { from, to: Math.min(first, to) });
}

/** The lane of the unit above or below, of the same resource. */
function lane(by) {
  const own = held.item.closest('.row').dataset.resource;
  const rows = rowsOf(held.item.closest('.board')).filter((row) => own && row.dataset.resource === own && row.dataset.unit);
  return rows[rows.indexOf(held.lane.closest('.row')) + by]?.querySelector('.lane');
}

function byKey(event) {
  const { from, to, item } = held;
  const part = event.shiftKey ? 'end' : '';
  const whole = held.isFree ? bookable(item) : held.was;
  const clock = clockOf(item);
  const day = (days) => place(clock.later(from, days), clock.later(to, days));
  const unit = (by) => { const next = lane(by); next ? place(from, to, next) : say(words.alone); };
  const does = {
    ArrowRight: () => shift(part, 1),
    ArrowLeft: () => shift(part, -1),
    ArrowDown: () => unit(1),
    ArrowUp: () => unit(-1),
    PageDown: () => day(1),
    PageUp: () => day(-1),
    Home: () => place(whole.from, part ? to : whole.from + (to - from)),
    End: () => place(part ? from : whole.to - (to - from), whole.to),
    Enter: open,
  }[event.key];
  if (!does) return false;
  if (!held.onlyEnd || /^(ArrowLeft|ArrowRight|Enter)$/.test(event.key)) does();
  return true;
}

export function withKeys(board) {
  board.addEventListener('focusin', (event) => {
    const link = event.target.closest(STOPS);
    if (!link) return;
    if (!wide.matches) return;
    rove(board, link);
    if (!isTold && !held && link.closest('[data-move]') && words.hint) { isTold = true; say(words.hint); }
  });
  board.addEventListener('keydown', (event) => {
    const link = event.target.closest(STOPS);
    if (!link || !wide.matches || event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
    const item = link.closest('.lane li');
    const isTakeable = item?.matches('.free, [data-move]');
    if (held) {
      if (!byKey(event)) return;
    } else if (event.key === '?' && dialog) dialog.showModal();
    else if (isTakeable && /^m$/i.test(event.key)) takeByKey(item);
    else if (isTakeable && event.shiftKey && /^Arrow(Left|Right)$/.test(event.key)) { takeByKey(item); byKey(event); }
    else if (/^Page/.test(event.key) && turn(link, event.key)) { /* on its way */ }
    else if (/^(Arrow|Page|Home|End)/.test(event.key)) walk(board, link, event.key);
    else return;
    event.preventDefault();
  });
  board.addEventListener('board:refreshed', () => settle(board));
  wide.addEventListener('change', () => settle(board));
  settle(board);
}

// Whoever goes elsewhere has given up.
addEventListener('focusin', ({ target }) => {
  if (held?.by === 'keys' && !held.item.contains(target) && !target.closest('#hand, #board-keys')) giveUp();
});
dialog?.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });
addEventListener('pageshow', comeBack);
