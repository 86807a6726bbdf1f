/* The service worker, behind the constants that the server puts above this. Without a network it shows one page of ours,
   in which a script shows one's own bookings ahead. Pages that were looked at are never kept. */
const SHELL = `shell-${RELEASE}`;
const OWN = 'own';

self.addEventListener('install', (event) => {
  // Asked for as nobody: what is kept here is the same for everybody.
  const files = [...Object.values(OFFLINE), ...FILES].map((path) => new Request(path, { credentials: 'omit' }));
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(files)).then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  const stale = async () => (await caches.keys()).filter((name) => name.startsWith('shell-') && name !== SHELL);
  event.waitUntil(stale().then((names) => Promise.all(names.map((name) => caches.delete(name)))).then(() => clients.claim()));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { pathname, search } = new URL(request.url);
  if (request.method === 'POST' && pathname === SIGN_OUT) event.waitUntil(caches.delete(OWN));
  if (request.method !== 'GET') return;
  if (request.mode === 'navigate' && !ELSEWHERE.some((path) => pathname.startsWith(path))) {
    event.respondWith(fetch(request).catch(offline));
  } else if (search === '?offline') {
    event.respondWith(caches.match(request, { cacheName: SHELL }).then((kept) => kept ?? fetch(request)));
  }
});

/* The page in the language of whoever's bookings are kept, else of the browser. */
async function offline() {
  const kept = await caches.match(MINE, { cacheName: OWN });
  const language = kept?.headers.get('content-language') ?? (navigator.language.startsWith('ja') ? 'ja' : 'en');
  return (await caches.match(OFFLINE[language] ?? OFFLINE.en, { cacheName: SHELL })) ?? Response.error();
}
