/**
 * Tests a tablet before its first use, row by row; written for the oldest browsers, so that they too can be told.
 *
 * Each row of the page holds its sentences already; this script only says which of them is true: ok, no (mend it), part (it goes
 * on without).
 */
(function () {
  "use strict";
  var STATES = ["ok", "part", "no"];
  var CLOCK_OFF = 60; // seconds
  var open = 6;
  var worst = "ok";
  var secure = location.protocol === "https:";

  function say(test, state) {
    var row = document.getElementById("test-" + test);
    if (!row || row.getAttribute("data-state") !== "wait") return;
    row.setAttribute("data-state", state);
    if (STATES.indexOf(state) > STATES.indexOf(worst)) worst = state;
    open -= 1;
    if (open === 0) document.querySelector(".sum--" + worst).removeAttribute("hidden");
  }

  /** A real write: some browsers have a database and keep nothing in it. */
  function storage() {
    var request;
    function no() { say("storage", "no"); }
    try {
      request = indexedDB.open("compsys:ready", 1);
    } catch (error) {
      return no();
    }
    request.onerror = no;
    request.onupgradeneeded = function () { request.result.createObjectStore("kept"); };
    request.onsuccess = function () {
      var base = request.result;
      try {
        var work = base.transaction("kept", "readwrite");
        work.objectStore("kept").put("x", "y");
        work.onabort = work.onerror = no;
        work.oncomplete = function () {
          base.close();
          indexedDB.deleteDatabase("compsys:ready");
          say("storage", "ok");
        };
      } catch (error) {
        no();
      }
    };
  }

  function clock() {
    var began = Date.now();
    fetch(location.pathname, { cache: "no-store" }).then(function (answer) {
      var there = Date.parse(answer.headers.get("date") || "") + 500; // it counts whole seconds
      var off = Math.round(((began + Date.now()) / 2 - there) / 1000);
      if (Math.abs(off) > CLOCK_OFF) document.getElementById("skew").textContent = (off > 0 ? "+" : "\u2212") + Math.abs(off) + " s";
      say("clock", Math.abs(off) > CLOCK_OFF || off !== off ? "no" : "ok");
    }, function () { say("clock", "no"); });
  }

  /** Browsers allow it only where they trust the certificate, not where somebody clicked a warning away. */
  function worker() {
    if (!secure || !navigator.serviceWorker) return say("worker", "part");
    navigator.serviceWorker.register("/seat-worker.js", { updateViaCache: "none" })
      .then(function () { say("worker", "ok"); }, function () { say("worker", "no"); });
  }

  function awake() {
    if (!window.isSecureContext || !navigator.wakeLock) return say("awake", "part");
    navigator.wakeLock.request("screen").then(function (held) {
      held.release();
      say("awake", "ok");
    }, function () { say("awake", "part"); });
  }

  say("browser", window.compsysAble && window.compsysAble() ? "ok" : "no");
  say("tls", secure ? "ok" : "part");
  if (!window.indexedDB) say("storage", "no");
  else storage();
  if (!window.fetch) say("clock", "part");
  else clock();
  worker();
  awake();
})();
