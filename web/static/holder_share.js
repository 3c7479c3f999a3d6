/** A link that was just made: given on by the phone's own sheet, or copied, where the browser can. */

const field = /** @type {HTMLInputElement} */ (document.getElementById("f-link"));
const give = /** @type {HTMLButtonElement} */ (document.getElementById("give"));
const copy = /** @type {HTMLButtonElement} */ (document.getElementById("copy"));

give.hidden = !navigator.share;
give.addEventListener("click", () => navigator.share({ url: field.value }).catch(() => undefined));

copy.hidden = false;
copy.addEventListener("click", async () => {
  field.select();
  // By plain http a page may not reach the clipboard: then the selection is what can be copied.
  const done = await navigator.clipboard?.writeText(field.value).then(() => true, () => false) ?? document.execCommand("copy");
  const said = copy.querySelector("span");
  if (done && said) said.textContent = copy.dataset.done ?? "";
});
