/**
 * Makes a chosen picture small and plain before its form goes; where that fails it goes as it is, and the server takes the camera's words out.
 */

import { reduced } from "./picture.js";

for (const input of document.querySelectorAll("input[type=file][data-picture]")) {
  input.addEventListener("change", async () => {
    const field = /** @type {HTMLInputElement} */ (input);
    const file = field.files?.[0];
    const form = field.form;
    if (!file || !form || file.name === "picture.jpg") return;
    const keys = [...form.querySelectorAll("button")];
    for (const key of keys) key.disabled = true;
    try {
      const { data } = await reduced(file);
      const given = new DataTransfer();
      given.items.add(new File([/** @type {any} */ (data)], "picture.jpg", { type: "image/jpeg" }));
      field.files = given.files;
    } catch {
      // A browser that cannot: the form goes with the picture as it was.
    }
    for (const key of keys) key.disabled = false;
  });
}
