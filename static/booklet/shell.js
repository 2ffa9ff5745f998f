// The shell's keeper on pages that work without a line: registers the service worker and offers what it has brought.
// An update never interrupts: it takes over before anything was begun on a freshly opened page, else when the user says so.

import { byId } from "./page.js";

const BUSY = "form input:not([type=hidden]), form textarea";

/** Whether work was begun: an open booklet, or something typed. */
const isBusy = () => document.body.classList.contains("open")
  || [...document.querySelectorAll(BUSY)].some((box) => box.value !== box.defaultValue || box === document.activeElement && box.value);

function offer(worker) {
  if (document.querySelector("[data-new-version]")) return;
  const box = byId("new-version").content.firstElementChild.cloneNode(true);
  box.dataset.newVersion = "";
  box.querySelector("button").onclick = () => useNow(worker);
  byId("main").prepend(box);
}

/** Starts anew with the worker once it has taken over; a booklet locks, its outbox stays where it lies. */
function useNow(worker) {
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  worker.postMessage("take over");
}

async function install() {
  const found = await navigator.serviceWorker.register("/service-worker.js", { updateViaCache: "none" });
  if (found.waiting && navigator.serviceWorker.controller) return isBusy() ? offer(found.waiting) : useNow(found.waiting);
  found.addEventListener("updatefound", () => {
    const worker = found.installing;
    // The first worker of a device is no update.
    worker.addEventListener("statechange", () => { if (worker.state === "installed" && found.active) offer(worker); });
  });
}

/** Without a line the registration fails and the worker that is there goes on; without https there is none. */
export function keep() {
  if (navigator.serviceWorker) install().catch((problem) => console.info(`service worker: ${problem.message}`));
}
