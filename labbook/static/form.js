// Small comforts for every page. Nothing here is needed: without it forms have their buttons and links can be copied by hand.

/* The Enter with which an input method takes its words sends no form, and none of its keys are keys of the page. Most
   browsers say that they are composing; Safari has ended the composition by then, and says so by the old code 229. */
addEventListener('keydown', (event) => {
  if (!event.isComposing && event.keyCode !== 229) return;
  event.stopImmediatePropagation();
  if (event.key === 'Enter') event.preventDefault();
}, true);

/* Filters answer at once. */
for (const form of document.querySelectorAll('form[data-auto]')) {
  form.addEventListener('change', (event) => {
    if (event.target.matches('[type=checkbox], [type=date], [type=month], select') && form.reportValidity()) form.requestSubmit();
  });
}

/* Copying a link that is shown only once. */
for (const button of document.querySelectorAll('[data-copy]')) {
  const field = document.getElementById(button.dataset.copy);
  const word = button.querySelector('span');
  const before = word.textContent;
  button.hidden = false;
  button.addEventListener('click', async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      return; // Not allowed here: the text is selected, so the keyboard can copy it.
    }
    word.textContent = button.dataset.done;
    button.ariaLive = 'polite';
    setTimeout(() => { word.textContent = before; }, 2500);
  });
}

/* Loading that page again must not make another link, which would end the one that was copied. */
const once = document.querySelector('[data-once]');
if (once) history.replaceState(null, '', once.dataset.once);

/* Two quick presses are one. */
for (const form of document.querySelectorAll('form[data-single]')) {
  let isSent = false;
  const ready = () => {
    isSent = false;
    for (const button of form.querySelectorAll('[aria-busy]')) button.removeAttribute('aria-busy');
  };
  form.addEventListener('submit', (event) => {
    if (isSent) event.preventDefault();
    else event.submitter?.setAttribute('aria-busy', 'true');
    isSent = true;
    setTimeout(ready, 10_000); // Stopped, or lost on its way.
  });
  addEventListener('pageshow', ready); // Back from what it led to, it may be sent again.
}

/* Popups close by Escape and by a click elsewhere; one at a time. */
const popups = () => document.querySelectorAll('details[data-popup][open]');
document.addEventListener('click', (event) => {
  for (const popup of popups()) if (!popup.contains(event.target)) popup.open = false;
});
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  for (const popup of popups()) {
    popup.open = false;
    popup.querySelector('summary').focus();
  }
});

/* The booking form: when the start moves, the end moves with it, so that the length stays as chosen. */
const form = document.querySelector('form[data-book]');
if (form) {
  const part = (name) => form.elements[name];
  // Wall-clock arithmetic on purpose: the fields hold site time, and the server judges the true length.
  const read = (side) => Date.parse(`${part(`${side}_on`)?.value}T${part(`${side}_at`)?.value || '00:00'}Z`);
  let length = read('end') - read('start');
  form.addEventListener('input', (event) => {
    const name = event.target.name ?? '';
    if (/^end_(on|at)$/.test(name)) length = read('end') - read('start');
    if (!/^start_(on|at)$/.test(name) || !(length > 0)) return;
    const end = read('start') + length;
    if (Number.isNaN(end)) return;
    const text = new Date(end).toISOString();
    part('end_on').value = text.slice(0, 10);
    if (part('end_at')) part('end_at').value = text.slice(11, 16);
  });

  /* A time that would do is put into the form, so that nothing that was typed is lost. */
  form.addEventListener('click', (event) => {
    const link = event.target.closest('.chip-link');
    if (!link || link.pathname !== location.pathname || !part('start_at') || !part('end_at')) return;
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const would = new URL(link.href).searchParams;
    if (would.has('from_fold') || would.has('to_fold')) return; // Twice on that day: the page asks which.
    event.preventDefault();
    const fill = {};
    for (const [side, name] of [['start', 'from'], ['end', 'to']]) { // Of another end there is no start.
      if (would.has(name)) [fill[`${side}_on`], fill[`${side}_at`]] = would.get(name).split('T');
    }
    if (would.has('unit')) fill.unit = would.get('unit');
    for (const [name, value] of Object.entries(fill)) part(name).value = value;
    length = read('end') - read('start');
    for (const name of Object.keys(fill)) part(name).dispatchEvent(new Event('input', { bubbles: true }));
    const title = part('title');
    (title && !title.value ? title : form.querySelector('.actions > .primary')).focus(); // What is to be done next.
  });
}
