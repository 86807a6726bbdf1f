// Mouse and finger on the board: a booking of one's own is dragged to another time or unit, or by one of its ends; over
// free time one draws the stretch that is wanted. A finger takes hold by resting; where it lifts again without having
// moved, handles stay at both ends of what it holds, and two buttons.

import { DAY, HOUR, axisOf, bookable, instantFrom, stepAt, stretchOf } from './axis.js';
import { giveUp, held, isMoved, open, place, shift, take } from './hand.js';

const REST = 350; // ms that a finger rests on something to take hold of it; until then it scrolls the board
const EDGE = 8; // px at each end of a bar by which a mouse stretches it
const BRINK = 48; // px at the border of what scrolls, where a drag scrolls it
const wide = matchMedia('(min-width: 641px)'); // below, the board is a list without an axis

// Over the page while a mouse drags, so that nothing beneath opens, and only one element changes its looks.
const shield = Object.assign(document.createElement('div'), { className: 'shield' });

let grip = null; // { item, part, x, y, at, isTouch, isLive, timer, from, to, first, pointer }

/** What a pointer would take hold of: the start or the end of a bar, all of it ('', as of free time), or null. */
export function partAt(item, x) {
  if (item.classList.contains('free')) return '';
  if (/\/end$/.test(item.dataset.move)) return 'end';
  const { left, right, width } = item.getBoundingClientRect();
  const edge = Math.min(EDGE, width / 4);
  if (width < 20) return '';
  return x < left + edge && x >= left ? 'start' : x > right - edge && x <= right ? 'end' : '';
}

/** The stretch that a click on free time proposes: an hour, or one step where steps are longer. */
export function proposed(item, x) {
  const [from, to] = stepAt(item, within(item.parentNode, x));
  return { from, to: Math.max(to, Math.min(from + HOUR, bookable(item).to)) };
}

/** The instant under a pointer, within its lane. */
export function within(lane, x) {
  const { start, length } = axisOf(lane);
  return Math.min(start + length, Math.max(start, instantFrom(lane, x)));
}

function press(event) {
  if (event.button || !event.isPrimary || !wide.matches) return;
  const isTouch = event.pointerType === 'touch';
  const ghost = event.target.closest('.ghost');
  const item = ghost ? held?.item : event.target.closest('.b[data-move], .lane .free');
  if (!item || (held && !ghost)) { if (held && !ghost && held.by !== 'pointer') giveUp(); return; }
  const { clientX: x, clientY: y } = event;
  grip = { item, x, y, isTouch, isLive: false, pointer: { x, y } };
  if (ghost) {
    grip.part = event.target.matches('.start') ? 'start' : event.target.matches('.end') ? 'end' : '';
    grip.isKept = true; // it stays in the hand when this lifts
    live();
  } else {
    grip.part = isTouch ? '' : partAt(item, x);
    if (isTouch) grip.timer = setTimeout(live, REST);
  }
}

/** From here on it moves. */
function live() {
  const { item, x, isTouch, isKept } = grip;
  grip.isLive = true;
  const isFree = item.classList.contains('free');
  if (!isKept) {
    if (isFree && !isTouch) grip.first = stepAt(item, within(item.parentNode, x));
    take(item, isTouch ? 'finger' : 'pointer', isFree ? proposed(item, x) : stretchOf(item));
  }
  Object.assign(grip, { from: held.from, to: held.to, at: instantFrom(held.lane, x) });
  if (!isTouch) document.body.append(shield);
  requestAnimationFrame(scroll);
}

/** The lane of the same resource under the pointer; else the one that it was last over. */
function laneUnder({ x, y }) {
  const row = document.elementsFromPoint(x, y).find((one) => one.matches('.row'));
  const own = held.item.closest('.row').dataset.resource;
  return (own && row?.dataset.resource === own && row.dataset.unit && row.querySelector('.lane')) || held.lane;
}

function follow() {
  const { item, part, pointer, from, to, first } = grip;
  if (first) { // free time is drawn from step to step
    const here = stepAt(item, within(item.parentNode, pointer.x));
    place(Math.min(first[0], here[0]), Math.max(first[1], here[1]));
    return;
  }
  const lane = part ? held.lane : laneUnder(pointer);
  const { start, length } = axisOf(lane);
  // Whole steps from where it stands, so that it stays on its grid; some of it stays on the board.
  let steps = Math.round((instantFrom(lane, pointer.x) - grip.at) / held.slot);
  if (held.slot < DAY) {
    const least = Math.ceil((start - (part === 'end' ? to : from)) / held.slot);
    const most = Math.floor((start + length - (part === 'end' ? to : from)) / held.slot) - (part === 'end' ? 0 : 1);
    steps = Math.min(Math.max(steps, least), most);
    if (part === 'start') steps = Math.min(steps, Math.floor((to - from) / held.slot) - 1);
    if (part === 'end') steps = Math.max(steps, 1 - Math.floor((to - from) / held.slot));
  }
  shift(part, steps, from, to, lane);
}

/** At the brink of what scrolls a drag scrolls it, and goes on. */
function scroll() {
  if (!grip?.isLive) return;
  requestAnimationFrame(scroll);
  const { x, y } = grip.pointer;
  const near = (at, since, low, high) => {
    const over = at < low + BRINK ? at - low - BRINK : at > high - BRINK ? at - high + BRINK : 0;
    // What was taken at the brink does not run away: it scrolls once it is drawn that way.
    return over * (at - since) > 0 ? Math.max(-20, Math.min(20, over / 4)) : 0;
  };
  const box = grip.item.closest('.board-scroll');
  const { left, right, top, bottom } = box.getBoundingClientRect();
  const names = grip.item.parentNode.parentNode.firstElementChild.offsetWidth; // they stay where they are
  const where = () => [box.scrollLeft, box.scrollTop, scrollY].join();
  const [was, wasTop] = [where(), box.scrollTop];
  box.scrollBy(
    near(x, grip.x, Math.max(0, left + names), Math.min(innerWidth, right)),
    near(y, grip.y, Math.max(0, top), Math.min(innerHeight, bottom)),
  );
  if (box.scrollTop === wasTop) scrollBy(0, near(y, grip.y, 0, innerHeight));
  if (where() !== was) follow();
}

function drop() {
  const { isKept, isTouch } = grip;
  const hasMoved = grip.first || grip.from !== held.from || grip.to !== held.to || held.lane !== held.was.lane;
  stop();
  swallowClick();
  if (isKept || (isTouch && !hasMoved)) return; // its buttons go on
  if (isMoved()) open(); else giveUp('');
}

function stop() {
  clearTimeout(grip?.timer);
  shield.remove();
  grip = null;
}

/** The click that follows letting go must not open the booking as well; where none follows, the next one counts. */
function swallowClick() {
  const swallow = (event) => { event.preventDefault(); event.stopPropagation(); };
  addEventListener('click', swallow, { capture: true, once: true });
  setTimeout(() => removeEventListener('click', swallow, { capture: true }), 0);
}

export function withPointer(board) {
  board.addEventListener('pointerdown', press);
  board.addEventListener('dragstart', (event) => event.preventDefault());
  // A finger that has taken hold moves the booking, and neither scrolls nor opens a menu.
  board.addEventListener('touchmove', (event) => { if (grip?.isLive) event.preventDefault(); }, { passive: false });
  board.addEventListener('contextmenu', (event) => { if (grip?.isLive || held) event.preventDefault(); });
}

addEventListener('pointermove', (event) => {
  if (!grip || !event.isPrimary) return;
  grip.pointer = { x: event.clientX, y: event.clientY };
  const far = Math.hypot(event.clientX - grip.x, event.clientY - grip.y);
  if (!grip.isLive && grip.isTouch) { if (far > 10) stop(); return; }
  if (!grip.isLive && far > 5) live();
  if (grip.isLive) follow();
});
addEventListener('pointerup', () => {
  if (!grip) return;
  if (grip.isLive) drop(); else stop();
});
addEventListener('pointercancel', () => { if (grip) { if (grip.isLive && !grip.isKept) giveUp(''); stop(); } });
addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || !held) return;
  if (grip?.isLive) addEventListener('pointerup', swallowClick, { once: true });
  stop();
  giveUp();
});
