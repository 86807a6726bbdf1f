// The page without a network: one's own bookings ahead, as they were when they were last fetched.
const { mine, oldest } = document.body.dataset;
const show = (id) => { document.getElementById(id).hidden = false; };

async function kept() {
  const answer = globalThis.caches && (await caches.match(mine, { cacheName: 'own' }));
  if (!answer || Date.now() - Number(answer.headers.get('x-at')) > Number(oldest)) return null;
  return answer.json();
}

function line(booking) {
  const item = document.getElementById('line').content.cloneNode(true);
  for (const [name, text] of Object.entries(booking)) {
    const place = item.querySelector(`[data-${name}]`);
    if (place) place.textContent = text;
  }
  return item;
}

const found = await kept();
const ahead = found?.bookings.filter((one) => Date.parse(one.ends) > Date.now()) ?? [];
if (found) {
  document.getElementById('said-at').textContent = found.at;
  show('fetched');
}
if (ahead.length) {
  document.getElementById('ahead').append(...ahead.map(line));
  show('ahead');
} else show(found ? 'none' : 'nothing');

document.getElementById('again').addEventListener('click', () => location.reload());
addEventListener('online', () => location.reload());
