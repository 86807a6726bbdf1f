// LabBook as an app: registers the service worker, and keeps one's own bookings ahead for when there is no network.
// Whoever signs out, or comes after somebody else on the same phone, finds nothing kept. Nothing here is needed.
const OWN = 'own';
const FRESH = 120000; // milliseconds
const SENT = 'pocket-sent'; // something was sent since: it may have changed what is ahead
const sent = globalThis.sessionStorage?.getItem(SENT); // before this page
const meta = document.querySelector('meta[name=pocket]');

async function keep(who, mine) {
  const cache = await caches.open(OWN);
  const kept = await cache.match(mine);
  const isTheirs = kept?.headers.get('x-who') === who;
  if (kept && !isTheirs) await cache.delete(mine);
  const age = Date.now() - Number(kept?.headers.get('x-at'));
  if (isTheirs && age < FRESH && !sent) return;
  const answer = await fetch(mine, { headers: { accept: 'application/json' }, redirect: 'error' });
  if (!answer.ok) return;
  const text = await answer.text();
  if (JSON.parse(text).who !== who) return; // somebody else has signed in meanwhile
  const headers = { 'content-type': 'application/json', 'content-language': document.documentElement.lang, 'x-who': who, 'x-at': Date.now() };
  await cache.put(mine, new Response(text, { headers }));
  if (sessionStorage.getItem(SENT) === sent) sessionStorage.removeItem(SENT); // nothing was sent from this page
}

async function start({ content: who, dataset }) {
  if (!who) return caches.delete(OWN);
  await navigator.serviceWorker.register(dataset.worker, { scope: dataset.scope });
  return keep(who, dataset.mine);
}

if (meta && navigator.serviceWorker && globalThis.caches) {
  document.addEventListener('submit', ({ target }) => {
    if (target.method === 'post') sessionStorage.setItem(SENT, Date.now());
  });
  const begin = () => start(meta).catch(() => {}); // no network, no room, not allowed: then there is no app
  if (!meta.content) begin();
  else if (document.readyState === 'complete') setTimeout(begin, 500);
  else addEventListener('load', () => setTimeout(begin, 500));
}
