// Stars answer without a reload. Without this the button sends its form, and the page comes back as it was.
document.addEventListener('submit', async (event) => {
  const button = event.submitter;
  if (!button?.dataset.star) return;
  event.preventDefault();
  if (button.ariaBusy === 'true') return;
  button.ariaBusy = 'true';
  const { form, formAction } = button;
  const isKept = !formAction.endsWith('/remove');
  try {
    const answer = await fetch(formAction, { method: 'POST', body: new FormData(form), redirect: 'manual' });
    if (answer.type !== 'opaqueredirect') throw new Error(answer.status);
  } catch {
    button.ariaBusy = null;
    form.action = formAction; // The page that comes of it says what is wrong.
    form.submit();
    return;
  }
  button.ariaBusy = null;
  for (const star of document.querySelectorAll(`[data-star="${button.dataset.star}"]`)) {
    const word = isKept ? form.dataset.drop : form.dataset.keep;
    const said = star.querySelector('.vh');
    said.textContent = word + said.textContent.slice(star.title.length);
    star.title = word;
    star.setAttribute('formaction', isKept ? `${formAction}/remove` : formAction.slice(0, -'/remove'.length));
    star.classList.toggle('kept', isKept);
  }
  button.dispatchEvent(new CustomEvent('favourite', { bubbles: true, detail: { slug: button.dataset.star, isKept } }));
});
