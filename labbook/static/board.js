// The board of a site's day or week, of a resource, of residencies. Without script every free stretch is still a link to
// the booking form, and every booking to its page. Here: the line under the mouse, what a click would book, and now.

import { DAY, HOUR, axisOf, clockOf, inWords, number, stepOf } from './axis.js';
import { partAt, proposed, withPointer, within } from './drag.js';
import { held } from './hand.js';
import { withKeys } from './keys.js';

const wide = matchMedia('(min-width: 641px)');

/** The line under the pointer, read off on the ruler, and what a click would book, drawn in the stretch. */
function withMouse(board) {
  // A resource page has a ruler, but no line through all its days.
  const line = board.dataset.start ? board.querySelector('.lines .cursor') : null;
  const label = board.querySelector('.cursor-label');
  const ghost = Object.assign(document.createElement('li'), { className: 'ghost', ariaHidden: 'true' });
  ghost.append(document.createElement('span'));

  function showLine(lane, instant) {
    if (!label) return;
    const { start, length } = axisOf(lane);
    const [clock, byDay] = [clockOf(lane), stepOf(lane) >= DAY];
    const shown = start + Math.round((instant - start) / 300e3) * 300e3;
    for (const part of [line, label]) {
      part?.style.setProperty('--l', ((shown - start) / length) * 100);
      if (part) part.hidden = false;
    }
    const day = length > 2 * DAY ? `${(byDay ? clock.dated : clock.weekday).format(instant)} ` : '';
    label.textContent = day + (byDay ? '' : clock.hours(shown));
  }

  function showGhost(item, { from, to }) {
    const { start, length } = axisOf(item);
    const lane = item.parentNode;
    const width = (to - from) / length;
    ghost.style.setProperty('--l', ((from - start) / length) * 100);
    ghost.style.setProperty('--w', width * 100);
    ghost.firstChild.textContent = inWords(item, from, to);
    // Where it does not fit, the ruler says it.
    ghost.firstChild.hidden = width * lane.clientWidth < (stepOf(lane) < DAY ? 90 : 150);
    if (ghost.parentNode !== lane) lane.append(ghost);
    if (label) label.textContent = ghost.firstChild.textContent;
  }

  function hide() {
    for (const part of [line, label]) if (part) part.hidden = true;
    ghost.remove();
  }

  addEventListener('pointermove', (event) => { // also of what is dragged, from wherever the mouse is
    if (event.pointerType === 'touch' || !wide.matches) return;
    const lane = held?.lane ?? event.target.closest('.lane');
    if (!board.contains(lane) || lane.classList.contains('by-day')) { hide(); return; }
    showLine(lane, within(lane, event.clientX));
    const item = held ? null : event.target.closest('.free, [data-move]');
    if (item?.classList.contains('free')) showGhost(item, proposed(item, event.clientX)); else ghost.remove();
    if (item?.dataset.move) item.dataset.part = partAt(item, event.clientX);
  });
  board.addEventListener('click', (event) => {
    const item = event.target.closest('.free');
    // detail 0 is the keyboard: it books from the beginning of the stretch, as the link says.
    if (!item || !event.detail || event.defaultPrevented || !wide.matches) return;
    const link = item.querySelector('a');
    const { from, to } = proposed(item, event.clientX);
    link.href = clockOf(item).into(new URL(link.href), from, to);
  });
  board.classList.add('live');
}

/** Keep the now-line where now is. The server's clock counts: only what has passed since the page came is added. */
function keepNow(board) {
  const marks = () => board.querySelectorAll('.now, .now-label');
  if (!marks().length || !board.dataset.start) return;
  const { start, length } = axisOf(board);
  let [first, since] = [number(marks()[0], '--l'), Date.now()];
  board.addEventListener('board:refreshed', () => { if (marks().length) [first, since] = [number(marks()[0], '--l'), Date.now()]; });
  setInterval(() => {
    const left = first + ((Date.now() - since) / length) * 100;
    board.querySelector('.lines .gone')?.style.setProperty('--w', Math.min(left, 100));
    board.style.setProperty('--now', left);
    board.classList.toggle('has-now', left <= 100);
    for (const mark of marks()) {
      mark.style.setProperty('--l', left);
      mark.hidden = left > 100;
      if (mark.classList.contains('now-label')) mark.textContent = clockOf(board).hours(start + (left / 100) * length);
    }
  }, 30e3);
}

/** Where the board scrolls sideways, begin an hour before now, or before what is booked first, and not after seven. */
function scrollToDay(board) {
  const scroller = board.closest('.board-scroll');
  if (!wide.matches || scroller.scrollWidth <= scroller.clientWidth + 1) return;
  const hour = (100 * HOUR) / axisOf(board.querySelector('.lane')).length;
  const now = board.querySelector('.lines .now');
  const lefts = [...board.querySelectorAll('.lane .b:not(.closed, .past, .free)')].map((b) => number(b, '--l')).filter((one) => one > 0);
  const left = now ? number(now, '--l') : Math.min(...lefts, hour * 8);
  scroller.scrollLeft = ((left - hour) / 100) * board.querySelector('.lane').clientWidth;
}

for (const board of document.querySelectorAll('.board')) {
  withMouse(board);
  withPointer(board);
  withKeys(board);
  keepNow(board);
  scrollToDay(board);
}
