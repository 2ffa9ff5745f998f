// The shell's keeper on pages that work without a line: registers the service worker and offers what it has brought.
// An update never interrupts: it takes over before anything was begun on a freshly opened page, else when the user says so.

const BUSY = "form input:not([type=hidden]), form textarea";

/** Whether work was begun: an open booklet, or something typed. */
const isBusy = () => document.body.classList.contains("open")
  || [...document.querySelectorAll(BUSY)].some((box) => box.value !== box.defaultValue || box === document.activeElement && box.value);

function offer(worker) {
  if (document.querySelector("[data-new-version]")) return;
  const box = document.getElementById("new-version").content.firstElementChild.cloneNode(true);
  box.dataset.newVersion = "";
  box.querySelector("button").addEventListener("click", () => useNow(worker));
  document.getElementById("main").prepend(box);
}

/** Starts anew with the worker once it has taken over; a booklet locks, its outbox stays where it lies. */
function useNow(worker) {
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  worker.postMessage("take over");
}

async function keep() {
  const found = await navigator.serviceWorker.register("/service-worker.js", { updateViaCache: "none" });
  if (found.waiting && navigator.serviceWorker.controller) return isBusy() ? offer(found.waiting) : useNow(found.waiting);
  found.addEventListener("updatefound", () => {
    const worker = found.installing;
    worker.addEventListener("statechange", () => {
      // The first worker of a device is no update.
      if (worker.state === "installed" && found.active) offer(worker);
    });
  });
}

// Without a line the registration fails and the worker that is there goes on; without https there is none.
if (navigator.serviceWorker) keep().catch((problem) => console.info(`service worker: ${problem.message}`));
