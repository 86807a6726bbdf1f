// A sign on a wall: fetches itself again, goes on telling the time, and says when it has lost the network.
// Its tablet's own clock and zone do not matter: both come with each answer.

const note = document.querySelector('.wall-note');
const RETRY = 5, PATIENCE = 75; // seconds
let main, began, heard, timer, isStale = false;

const passed = () => (performance.now() - began) / 1000;
const epoch = () => Number(main.dataset.epoch) + passed();
const clock = (seconds) => {
  const minutes = Math.floor(seconds / 60) % 1440;
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
};
const wall = () => clock(Number(main.dataset.seconds) + passed());

function take(fresh) {
  main = fresh;
  began = performance.now();
  heard = { at: performance.now(), clock: main.dataset.seconds ? wall() : '' };
}

/* What was said of a time that is over is not known any more. */
function doubt() {
  if (!main.dataset.epoch) return;
  const now = epoch();
  for (const one of main.querySelectorAll('[data-until]')) {
    if (Number(one.dataset.until) > now || one.classList.contains('is-unknown')) continue;
    one.classList.add('is-unknown');
    one.querySelector('[data-word]').textContent = main.dataset.unknown;
    for (const rest of one.querySelectorAll('[data-rest]')) rest.textContent = '';
    if (!main.matches('.sign-area')) main.classList.add('is-unknown');
  }
}

function show(stale) {
  if (stale === isStale) return;
  isStale = stale;
  document.body.classList.toggle('is-stale', stale);
  note.hidden = !stale;
  note.textContent = stale ? note.dataset.offline.replace('{}', heard.clock || '–') : '';
}

function plan(seconds) {
  clearTimeout(timer);
  timer = setTimeout(refresh, seconds * 1000);
}

function usual() {
  let wait = Number(main.dataset.every);
  for (const one of main.querySelectorAll('[data-until]')) {
    const left = Number(one.dataset.until) - epoch() + 1;
    if (left > 0) wait = Math.min(wait, left);
  }
  return Math.max(wait, 2) + Math.random(); // tablets that were switched on together part
}

async function refresh() {
  clearTimeout(timer);
  const url = new URL(location.href);
  if (main.dataset.next) url.searchParams.set('page', main.dataset.next);
  try {
    const answer = await fetch(url, { cache: 'no-store', credentials: 'omit', redirect: 'error', signal: AbortSignal.timeout(15000) });
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const fresh = page.querySelector('main[data-sign]');
    if (!fresh || answer.status >= 500) throw new Error('not a sign'); // a proxy's page, or a server that is busy
    const style = (one) => one.querySelector('link[rel=stylesheet]').href;
    const ours = [...document.styleSheets].length && style(document);
    if (new URL(style(page), location.href).href !== ours) return location.reload(); // LabBook was upgraded
    document.title = page.title;
    document.documentElement.lang = page.documentElement.lang;
    note.dataset.offline = page.querySelector('.wall-note').dataset.offline;
    main.replaceWith(document.adoptNode(fresh));
    take(fresh);
    show(false);
    plan(usual());
  } catch {
    const silent = (performance.now() - heard.at) / 1000;
    if (!navigator.onLine || silent > PATIENCE) { show(true); doubt(); }
    plan(RETRY + Math.random());
  }
}

function tick() {
  const shown = main.querySelector('.sign-clock');
  if (shown && shown.textContent !== wall()) shown.textContent = wall();
  if (isStale) doubt();
}

async function stayAwake() {
  try { await navigator.wakeLock?.request('screen'); } catch { /* the tablet's own setting decides then */ }
}

take(document.querySelector('main[data-sign]'));
setInterval(tick, 1000);
addEventListener('online', refresh);
addEventListener('offline', refresh);
document.addEventListener('visibilitychange', () => { if (!document.hidden) { stayAwake(); refresh(); } });
stayAwake();
plan(usual());
