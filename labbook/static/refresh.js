// Keeps boards as they are now. Every minute, and when one comes back to the page, a board asks for its rows; where
// nothing has changed there is no answer to read. What has changed is put in place stretch by stretch: all else stays
// the element that it was, so that focus, scrolling, open areas and whatever is in the hand stay too.
// Which areas are folded is kept in a cookie, so that the next page comes with them folded.

const EVERY = 60e3; // ms
const SOON = 5e3; // no sooner than this after the last time

let isPressed = false; // something is in the hand, or about to be
for (const kind of ['pointerdown', 'pointerup', 'pointercancel']) {
  addEventListener(kind, () => { isPressed = kind === 'pointerdown'; }, true);
}
const isBusy = (board) => isPressed || 'hold' in board.dataset;

/** Makes one element's children those of another. Those of the same name stay, and `change` brings them up to date. */
function renew(old, fresh, nameOf, change) {
  const wanted = new Map([...fresh.children].map((one) => [nameOf(one), one]));
  const kept = new Map();
  for (const one of [...old.children]) {
    const name = nameOf(one);
    if (name === null) continue; // drawn by a script
    if (wanted.has(name) && !kept.has(name)) kept.set(name, one);
    else one.remove();
  }
  let place = old.firstElementChild;
  for (const [name, one] of wanted) {
    while (place && nameOf(place) === null) place = place.nextElementSibling;
    const there = kept.get(name);
    if (there) change?.(there, one);
    if (there && there === place) place = place.nextElementSibling;
    else old.insertBefore(there ?? one, place);
  }
}

const areaName = (one) => one.dataset.area ?? one.className;
const rowName = (one) => (one.dataset.resource ? `${one.dataset.resource}/${one.dataset.unit}` : one.localName);
/** All that there is to a stretch; a free one's address follows from its place, and scripts change it. */
function barName(one) {
  if (one.classList.contains('ghost')) return null;
  const place = ['--l', '--w', '--p', '--q'].map((name) => one.style.getPropertyValue(name)).join();
  const kind = one.className.replace(/ lifted\b/, '');
  const url = one.classList.contains('free') ? '' : one.firstElementChild.getAttribute('href');
  return [kind, place, one.dataset.move, url, one.textContent].join('\n');
}

function swapIfOther(old, fresh, said = (one) => one?.textContent) {
  if (said(old) !== said(fresh)) old.replaceWith(fresh);
}

function renewRow(old, fresh) {
  if (!fresh.dataset.resource) { swapIfOther(old, fresh); return; } // the area's own head
  old.className = fresh.className;
  old.id = fresh.id;
  if (!old.id) old.removeAttribute('id');
  swapIfOther(old.querySelector('h3'), fresh.querySelector('h3'));
  const [lane, other] = [old, fresh].map((row) => row.querySelector('.lane'));
  if (lane.localName === 'ol' && other.localName === 'ol') renew(lane, other, barName);
  else swapIfOther(lane, other, (one) => one.localName + one.textContent);
}

function renewArea(old, fresh) {
  if (fresh.dataset.area) renew(old, fresh, rowName, renewRow);
  else swapIfOther(old, fresh);
}

/** What has the focus in a board, so that it can be found again where its element had to go. */
function focusIn(board) {
  const link = document.activeElement?.closest('.row a, .row button, .agenda a');
  if (!link || !board.contains(link)) return () => {};
  const [url, row] = [link.getAttribute('href'), link.closest('.row')?.dataset];
  return () => {
    if (document.activeElement === link) return;
    const again = url && board.querySelector(`a[href="${CSS.escape(url)}"]`);
    const near = row && board.querySelector(`.row[data-resource="${CSS.escape(row.resource)}"] a`);
    (again || near || null)?.focus({ preventScroll: true });
  };
}

function show(board, html) {
  const fresh = document.createElement('template');
  fresh.innerHTML = html;
  const back = focusIn(board);
  renew(board.querySelector('.rows'), fresh.content, areaName, renewArea);
  board.dispatchEvent(new CustomEvent('board:refreshed', { bubbles: true }));
  back();
}

/** Says since when the board could not be brought up to date; nothing while it can. */
function sayStale(board, since) {
  const note = board.closest('.board-scroll').nextElementSibling;
  note.hidden = !since;
  if (!since) return;
  const clock = new Intl.DateTimeFormat('sv-SE', { timeZone: board.dataset.zone, hour: '2-digit', minute: '2-digit' });
  note.querySelector('b').textContent = clock.format(since);
}

function keepUpToDate(board) {
  let [asked, seen, isAsking] = [Date.now(), Date.now(), false];

  async function ask() {
    if (isAsking || document.hidden || isBusy(board)) return;
    [asked, isAsking] = [Date.now(), true];
    try {
      const answer = await fetch(board.dataset.part, {
        headers: { 'If-None-Match': `W/"${board.dataset.tag}"` }, cache: 'no-store', signal: AbortSignal.timeout(20e3),
      });
      if (answer.status >= 500) throw new Error(answer.status);
      // Signed out, or no longer theirs to see; or the day is over: the page says what is the case.
      const isOther = answer.redirected || (!answer.ok && answer.status !== 304);
      if (isOther || (answer.ok && answer.headers.get('Board-Start') !== board.dataset.start)) { location.reload(); return; }
      const html = answer.ok ? await answer.text() : '';
      if (html && isBusy(board)) return; // the next time
      if (html) {
        show(board, html);
        board.dataset.tag = answer.headers.get('ETag').replaceAll(/^W\/|"/g, '');
      }
      seen = Date.now();
      sayStale(board, 0);
    } catch {
      sayStale(board, seen);
    } finally {
      isAsking = false;
    }
  }

  const soon = () => { if (Date.now() - asked > SOON) ask(); };
  setInterval(ask, EVERY);
  addEventListener('focus', soon);
  addEventListener('online', ask);
  document.addEventListener('visibilitychange', soon);
  document.addEventListener('favourite', ask);
}

/* Folded areas. */
const cookie = () => document.cookie.split('; ').find((one) => one.startsWith('folded='))?.slice(7);

function remember(area, isOpen) {
  const folded = new Set((cookie() ?? '').split('_').filter(Boolean));
  if (isOpen) folded.delete(area); else folded.add(area);
  const secure = location.protocol === 'https:' ? '; secure' : '';
  document.cookie = `folded=${[...folded].slice(-60).join('_')}; path=/; max-age=31536000; samesite=lax${secure}`;
}

function rememberFolds(board) {
  board.addEventListener('click', (event) => {
    const area = event.target.closest('.area > summary')?.parentNode;
    if (area && !event.defaultPrevented) remember(area.dataset.area, !area.open); // it folds after this
  });
  // On a phone a long day opens with its first area, until somebody has chosen; the others are one tap away.
  if (!matchMedia('(max-width: 640px)').matches || cookie() !== undefined) return;
  if (board.querySelectorAll('.row').length <= 12) return;
  for (const area of [...board.querySelectorAll('.area')].slice(1)) area.open = Boolean(area.querySelector(':target'));
}

for (const board of document.querySelectorAll('.board[data-part]')) {
  keepUpToDate(board);
  rememberFolds(board);
}
