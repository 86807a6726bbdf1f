// The inbox by keys, and requests beside the list. Without this file every row is a link and has its buttons.

const desk = document.querySelector('[data-desk]');
const rows = [...desk.querySelectorAll('[data-row]')];
const beside = desk.querySelector('[data-beside]');
const page = beside.querySelector('.desk-page');
const help = document.querySelector('dialog.keys');
const wide = matchMedia('(min-width: 1100px)');

/* What a browser may forbid to be kept: then it lasts as long as the page. */
const kept = (store) => ({
  get(name) { try { return store().getItem(name); } catch { return null; } },
  set(name, value) { try { store().setItem(name, value); } catch { /* nothing depends on it */ } },
});
const session = kept(() => sessionStorage);
const always = kept(() => localStorage);

/* --- the row that one is at: its name stands in the address, so that leaving and coming back keeps the place --- */
let here = rows.findIndex((row) => `#${row.id}` === location.hash);

function mark() {
  rows.forEach((row, number) => row.classList.toggle('is-here', number === here));
  if (rows[here]) history.replaceState(null, '', `#${rows[here].id}`);
}

function go(number) {
  if (!rows.length) return;
  here = Math.min(rows.length - 1, Math.max(0, number));
  mark();
  rows[here].querySelector('.q-open').focus({ preventScroll: true });
  rows[here].scrollIntoView({ block: 'nearest' });
  if (!beside.hidden) soon();
}

desk.addEventListener('focusin', (event) => {
  const number = rows.indexOf(event.target.closest('[data-row]'));
  if (number < 0 || number === here) return;
  here = number;
  mark();
});

/* --- beside the list --- */
let shown = null;
let timer = 0;
const soon = () => { clearTimeout(timer); timer = setTimeout(() => open(here), 180); };

/** The address of a row's request, as a part of this page. */
function addressOf(link) {
  const address = new URL(link.href);
  address.searchParams.set('beside', '1');
  return address;
}

function put(html) {
  page.innerHTML = html;
  page.scrollTop = beside.scrollTop = 0;
}

async function open(number) {
  const link = rows[number]?.querySelector('.q-open');
  if (!link) return;
  here = number;
  mark();
  shown = link;
  beside.hidden = false;
  desk.classList.add('is-split');
  session.set('desk-beside', '1');
  beside.querySelector('[data-whole]').href = link.href;
  page.ariaBusy = 'true';
  try {
    const answer = await fetch(addressOf(link));
    const html = await answer.text();
    if (shown !== link) return; // another row was opened meanwhile
    if (answer.redirected || !answer.ok) throw new Error(answer.status);
    put(html);
  } catch {
    if (shown === link) page.textContent = page.dataset.failed;
  } finally {
    page.ariaBusy = null;
  }
  rows[number].scrollIntoView({ block: 'nearest' });
}

function close() {
  clearTimeout(timer); // what was about to open stays closed
  shown = null;
  beside.hidden = true;
  desk.classList.remove('is-split');
  session.set('desk-beside', '');
  rows[here]?.querySelector('.q-open').focus();
}

desk.addEventListener('click', (event) => {
  const row = event.target.closest('.is-split [data-row]');
  const link = event.target.closest('.q-open, [data-act=look]') ?? (event.target.closest('a, button, input, label') ? null : row);
  if (!link || !wide.matches || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  open(rows.indexOf(link.closest('[data-row]')));
});
beside.querySelector('[data-close]').addEventListener('click', close);

/* Steps taken beside the list: what stands in the way is said there, what is done leads on in the list. */
page.addEventListener('submit', async (event) => {
  const form = event.target;
  if (form.method !== 'post') return;
  event.preventDefault();
  const address = new URL(form.action);
  address.searchParams.set('beside', '1');
  const onward = new FormData(form).get('next');
  page.ariaBusy = 'true';
  try {
    const answer = await fetch(address, { method: 'POST', body: new FormData(form, event.submitter), redirect: 'manual' });
    if (answer.type === 'opaqueredirect') {
      if (!onward) return void open(here);
      history.replaceState(null, '', onward);
      location.reload();
      return;
    }
    const html = await answer.text();
    const whole = new DOMParser().parseFromString(html, 'text/html').getElementById('main');
    put(whole ? whole.innerHTML : html);
    page.querySelector('[aria-invalid], .errors, .flash-error')?.scrollIntoView({ block: 'center' });
    (page.querySelector('[aria-invalid]') ?? page).focus();
  } catch {
    form.submit(); // as a page of its own
  } finally {
    page.ariaBusy = null;
  }
});

/* --- ticking --- */
const ticks = rows.map((row) => row.querySelector('[name=pick]')).filter(Boolean);
const all = desk.querySelector('[data-all]');
const told = desk.querySelector('[data-count]');

function count() {
  const ticked = ticks.filter((tick) => tick.checked).length;
  if (told) told.textContent = ticked;
  if (told) told.hidden = !ticked;
  if (!all) return;
  all.checked = ticked > 0 && ticked === ticks.length;
  all.indeterminate = ticked > 0 && ticked < ticks.length;
}

if (all) {
  all.hidden = !ticks.length;
  all.addEventListener('change', () => {
    for (const tick of ticks) tick.checked = all.checked;
    count();
  });
}
desk.addEventListener('change', count);
count();

/* --- keys --- */
const act = (name) => rows[here]?.querySelector(`[data-act=${name}]`);

const KEYS = {
  j: () => go(here + 1),
  k: () => go(here < 0 ? rows.length - 1 : here - 1),
  ArrowDown: () => go(here + 1),
  ArrowUp: () => go(here < 0 ? rows.length - 1 : here - 1),
  a: () => (act('approve') ?? act('look'))?.click(),
  d: () => {
    const field = beside.hidden ? null : page.querySelector('form[action$="/decline"] textarea');
    if (field) return void field.focus();
    const popup = act('decline');
    if (!popup) return void act('look')?.click();
    popup.open = true;
    popup.querySelector('textarea').focus();
  },
  p: () => {
    const link = act('propose') ?? page.querySelector('[data-act=propose]');
    if (link) location.assign(link.href);
  },
  u: () => document.querySelector('.undo-bar button')?.click(),
  x: () => rows[here]?.querySelector('[name=pick]')?.click(),
  '/': () => document.getElementById('q').select(),
  '?': () => help.showModal(),
  Escape: () => beside.hidden || close(),
  Enter: () => (wide.matches ? open(here) : rows[here]?.querySelector('.q-open').click()),
};

/** Whether a key belongs to what has the focus: to a field, a button, a choice. */
function isTaken(target, key) {
  if (target.closest('input:not([type=checkbox], [type=radio]), textarea, select, dialog, [contenteditable]')) return true;
  if (key === 'Escape') return document.querySelector('details[data-popup][open]') !== null;
  if (key === 'Enter') return target.closest('a, button, summary, input') !== null;
  return key.startsWith('Arrow') && !target.closest('.desk-list');
}

const use = help.querySelector('[data-use-keys]');
use.checked = always.get('desk-keys') !== 'off';
use.addEventListener('change', () => always.set('desk-keys', use.checked ? 'on' : 'off'));

document.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const step = KEYS[event.key];
  if (!step || !use.checked || isTaken(event.target, event.key)) return;
  event.preventDefault();
  step();
});

const button = document.querySelector('[data-keys]');
button.hidden = false;
button.addEventListener('click', () => help.showModal());

/* --- back from a decision: at the row that follows, and beside it what was beside it --- */
if (location.hash && here < 0 && rows.length) here = 0;
if (here >= 0) {
  go(here);
  if (wide.matches && session.get('desk-beside')) open(here);
}
