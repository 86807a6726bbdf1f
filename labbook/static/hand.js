// A stretch in the hand: a booking on its way to another time or unit, or free time that is being chosen. It is drawn as
// a ghost; beside it stands what the rules say to it, asked for while it moves. Letting go opens the form, filled with
// that time: nothing changes before that form is sent. Mouse and finger (drag.js) and keys (keys.js) share one hand.

import { DAY, axisOf, clockOf, inWords, slotOf, stepped, stretchOf } from './axis.js';

const PAUSE = 150; // ms between two questions to the rules
const AGAIN = 2500; // ms until a lost connection is tried again

const box = document.getElementById('hand'); // absent where a board only shows: then nothing is asked or said
const status = document.getElementById('board-said');
export const words = box?.dataset ?? {};

const ghost = Object.assign(document.createElement('li'), { className: 'ghost dragged', ariaHidden: 'true' });
ghost.append(...['handle start', '', 'handle end'].map((name) => (
  Object.assign(document.createElement(name ? 'i' : 'span'), { className: name })
)));
const label = ghost.children[1];

/** What is held: { item, lane, from, to, slot, was: { lane, from, to }, by, isFree, onlyEnd }; null: nothing. */
export let held = null;

/* --- taking, placing, letting go --- */

/** Take hold of a bar or of a part of a free stretch. `by`: pointer, finger, keys. */
export function take(item, by, part = stretchOf(item)) {
  if (held) giveUp('');
  const lane = item.parentNode;
  const { from, to } = part;
  const isFree = item.classList.contains('free');
  const onlyEnd = /\/end$/.test(item.dataset.move ?? ''); // it runs: what has begun has begun
  held = { item, lane, from, to, slot: slotOf(item), was: { lane, from, to }, by, isFree, onlyEnd };
  item.closest('.board').dataset.hold = '1'; // it is not refreshed meanwhile
  ghost.dataset.by = by;
  if (!isFree) item.classList.add('lifted');
  show();
}

/** Put it elsewhere; what cannot be is left out. */
export function place(from, to, lane = held.lane) {
  if (held.onlyEnd) { from = held.was.from; lane = held.was.lane; }
  if (to - from < (held.slot < DAY ? held.slot : DAY / 2)) return;
  if (from === held.from && to === held.to && lane === held.lane) return;
  Object.assign(held, { from, to, lane });
  show();
}

/** Move one end of it, or all of it (`part` empty), by steps of its grid from where it was when that began. */
export function shift(part, count, from = held.from, to = held.to, lane = held.lane) {
  const by = (ms) => stepped(held.item, ms, held.slot, count);
  if (held.onlyEnd) part = 'end';
  place(part === 'end' ? from : by(from), part === 'start' ? to : by(to), lane);
}

export const isMoved = () => held.isFree || ['lane', 'from', 'to'].some((one) => held[one] !== held.was[one]);

/** Let go of it as if nothing had been. `said`: what is read out. */
export function giveUp(said = words.given) {
  if (!held) return;
  delete held.item.closest('.board').dataset.hold;
  held.item.classList.remove('lifted');
  ghost.remove();
  if (box?.matches(':popover-open')) box.hidePopover();
  held = null;
  question.stop();
  if (said) say(said);
}

/** Open the form with it. Without a connection it stays in the hand until there is one. */
export function open() {
  if (!held || held.leaving) return;
  if (!isMoved()) { giveUp(); return; }
  held.leaving = address();
  if (question.isLost || !navigator.onLine) { question.isLost = true; tell(); question.ask(); } else leave();
}

function leave() {
  const url = held.leaving;
  giveUp('');
  location.assign(url);
}

/** The form's address, filled. */
function address() {
  const url = new URL(held.isFree ? held.item.querySelector('a').href : held.item.dataset.move, location.href);
  clockOf(held.lane).into(url, held.from, held.to);
  const { unit } = held.lane.closest('.row').dataset;
  if (unit && held.lane !== held.was.lane) url.searchParams.set('unit', unit);
  if (held.isFree) url.searchParams.set('exact', '1');
  return url;
}

/* --- drawing and saying --- */

/** It in words: the unit where it is another, the time. */
function spoken() {
  const unit = held.lane === held.was.lane ? '' : held.lane.closest('.row').querySelector('h3 small')?.textContent;
  return `${unit ? `${unit}, ` : ''}${inWords(held.lane, held.from, held.to, held.slot)}`;
}

function lengthInWords() {
  if (held.slot >= DAY || !box) return '';
  const minutes = Math.round((held.to - held.from) / 60e3);
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  const pattern = !hours ? words.minutes : rest ? words.both : words.hours;
  return pattern.replace('#', hours).replace('~', rest);
}

export function say(text) { if (status) status.textContent = text; }

function show() {
  const { start, length } = axisOf(held.lane);
  // What is on another day is drawn at its time of day, and its words name the day.
  let { from } = held;
  while (from < start) from = clockOf(held.lane).later(from, Math.max(1, Math.round(length / DAY)));
  while (from >= start + length) from = clockOf(held.lane).later(from, -Math.max(1, Math.round(length / DAY)));
  const left = ((from - start) / length) * 100;
  ghost.style.setProperty('--l', left);
  ghost.style.setProperty('--w', Math.min(((held.to - held.from) / length) * 100, 100 - left));
  ghost.classList.toggle('only-end', held.onlyEnd);
  label.textContent = spoken();
  if (ghost.parentNode !== held.lane) held.lane.append(ghost);
  held.said = null;
  say(inOneBreath());
  question.ask();
  tell();
}

const inOneBreath = () => [spoken(), lengthInWords()].filter(Boolean).join(', ');

/** Write the box beside the ghost. */
function tell() {
  const said = question.isLost ? { outcome: 'lost', headline: held.leaving ? words.wait : words.lost, why: [] } : held.said;
  ghost.dataset.outcome = said?.outcome ?? '';
  if (!box) return;
  box.dataset.outcome = said?.outcome ?? '';
  box.dataset.by = held.by;
  const [when, headline, why] = box.querySelectorAll('p');
  when.firstChild.textContent = spoken();
  when.lastChild.textContent = lengthInWords();
  headline.textContent = said?.headline ?? (isMoved() ? '…' : held.by === 'finger' ? words.handles : words.same);
  box.querySelector('[data-open]').disabled = !isMoved();
  why.textContent = said?.why.join(' ') ?? '';
  if (said) say([inOneBreath(), headline.textContent, why.textContent].filter(Boolean).join('. '));
  if (!box.matches(':popover-open')) box.showPopover?.();
  beside();
}

/** Keep the box beside the ghost: below it, above where there is no room or a finger would cover it. */
export function beside() {
  if (!held || !box) return;
  const [at, own] = [ghost.getBoundingClientRect(), box.getBoundingClientRect()];
  const isAbove = (held.by === 'finger' && at.top > own.height + 12) || at.bottom + own.height + 12 > innerHeight;
  box.style.top = `${Math.max(4, isAbove ? at.top - own.height - 10 : at.bottom + 6)}px`;
  box.style.left = `${Math.max(4, Math.min(at.left, innerWidth - own.width - 4))}px`;
}

/* --- asking the rules --- */

const question = {
  isLost: false,
  known: new Map(),
  /** What the rules say to what is held; the last question counts. */
  ask() {
    if (!box) return;
    if (!isMoved()) { this.stop(false); return; }
    const url = address();
    url.pathname = url.pathname.replace(/[^/]+$/, 'said');
    this.stop(false);
    const known = this.known.get(url.href);
    if (known && !this.isLost) { held.said = known; return; }
    const after = this.isLost ? (this.first ? AGAIN : 0) : Math.max(0, (this.last ?? 0) + PAUSE - Date.now());
    this.first = true;
    this.timer = setTimeout(() => this.send(url.href), after);
  },
  async send(url) {
    this.last = Date.now();
    const giving = (this.giving = new AbortController());
    const isMine = () => held && this.giving === giving;
    try {
      const answer = await fetch(url, { signal: giving.signal, headers: { Accept: 'application/json' } });
      const isJson = answer.headers.get('Content-Type')?.includes('json');
      // Another answer (signed out, gone meanwhile) is for the form to say.
      const said = isJson ? await answer.json() : { outcome: '', headline: '', why: [] };
      if (!isMine()) return;
      this.isLost = false;
      this.first = false;
      this.known.set(url, said);
      held.said = said;
    } catch {
      if (!isMine()) return;
      this.isLost = true;
    }
    if (held.leaving && !this.isLost) { leave(); return; }
    tell();
    if (this.isLost) this.ask();
  },
  stop(isOver = true) {
    clearTimeout(this.timer);
    this.giving?.abort();
    this.giving = null;
    if (isOver) { this.known.clear(); this.isLost = false; this.first = false; }
  },
};

addEventListener('online', () => { if (held && question.isLost) { question.first = false; question.ask(); } });
addEventListener('scroll', beside, { capture: true, passive: true });
addEventListener('pagehide', () => giveUp('')); // coming back, nothing is held
box?.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (button) 'open' in button.dataset ? open() : giveUp();
});
