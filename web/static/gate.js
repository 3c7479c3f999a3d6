/**
 * Tells an old browser that it is too old, in a sentence instead of an empty page; itself written for the oldest.
 *
 * What it asks for is what the judge's page uses and came last: with it everything else is there.
 */
(function () {
  "use strict";

  function able() {
    try {
      return !!(window.Promise && window.fetch && window.indexedDB && window.WebSocket && window.crypto && crypto.getRandomValues
        && "noModule" in document.createElement("script") && Array.prototype.toSorted && window.CSS && CSS.supports("selector(:has(a))"));
    } catch (error) {
      return false;
    }
  }

  window.compsysAble = able;
  var told = document.getElementById("too-old");
  if (!told || able()) return;
  var places = ["top", "rail", "main", "foot", "told"];
  for (var i = 0; i < places.length; i += 1) {
    var place = document.getElementById(places[i]);
    if (place) place.parentNode.removeChild(place);
  }
  told.removeAttribute("hidden");
})();
