/** Another private link opened where somebody is in already leads to its own door, never to the page of whoever was here before. */

const door = document.documentElement.querySelector("main")?.querySelector("[data-door]")?.getAttribute("data-door") ?? "";

/** A token, not the name of a place on the page. */
function look() {
  if (/^#[A-Za-z0-9_-]{22}$/.test(location.hash)) location.replace(door + location.hash);
}

addEventListener("hashchange", look);
look();
