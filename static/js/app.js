// Small comforts on top of pages that work without them. Each function is one behaviour, bound to the
// document, so that it also holds for what htmx swaps in.

const page = document.documentElement;
const parts = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);

/** One click, one request: a form that is on its way is not sent again. (The server counts a form once, too.) */
function sendOnce() {
  const done = (form) => {
    delete form.dataset.sending;
    page.classList.remove("sending");
    form.querySelectorAll("[aria-disabled]").forEach((button) => button.removeAttribute("aria-disabled"));
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    // The attribute, not the property: a field named "method" would stand in for it.
    if (form.getAttribute("method") !== "post") return;
    if ("sending" in form.dataset) return stop(event);
    form.dataset.sending = "";
    // Not `disabled`: a disabled button is left out of what is sent.
    event.submitter?.setAttribute("aria-disabled", "true");
    if (form.matches("[hx-post]")) return;
    page.classList.add("sending");
    if (!isTypedIn(form)) setTimeout(done, 15000, form);
    // A file that comes as the answer leaves the page standing: the form has to open again by itself.
  }, true);
  document.addEventListener("form:done", ({ target }) => done(target));
  document.addEventListener("htmx:finally:request", ({ detail }) => {
    const form = detail.ctx.request.form;
    if (form) done(form);
  });
  addEventListener("pageshow", () => document.querySelectorAll("[data-sending]").forEach(done));
}

/** `data-confirm="question"` on a form or a button: asks before sending. */
function askFirst() {
  let agreed = null;
  document.addEventListener("submit", (event) => {
    const { target: form, submitter } = event;
    const question = submitter?.dataset.confirm ?? form.dataset.confirm;
    if (!question || "sending" in form.dataset || form === agreed) return;
    stop(event);
    const send = () => {
      agreed = form;
      form.requestSubmit(submitter);
      agreed = null;
    };
    // A page that asks nothing of its own carries no dialog: there the browser's has to do.
    if (!document.getElementById("ask")) return confirm(question) && send();
    const dialog = parts("ask");
    dialog.querySelector("p").textContent = question;
    let pressed = null;
    dialog.addEventListener("click", (click) => { pressed = click.detail ? click : null; });
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (dialog.returnValue !== "yes") return submitter?.focus();
      // The second press of a double click would hit whatever lies now in the answer's place.
      const again = (click) => click.clientX === pressed?.clientX && click.clientY === pressed.clientY && stop(click);
      addEventListener("click", again, true);
      setTimeout(() => removeEventListener("click", again, true), 500);
      send();
    });
    document.body.append(dialog);
    submitter?.onasked?.(dialog);
    dialog.showModal();
  }, true);
}

/** The box in a table's head chooses every row; `data-chosen` in the same form says how many are. */
function chooseRows() {
  document.addEventListener("change", ({ target }) => {
    const table = target.closest("table");
    const all = table?.querySelector("[data-check-all]");
    if (!all || target.type !== "checkbox") return;
    const boxes = [...table.querySelectorAll("tbody td.check input:enabled")];
    if (target === all) boxes.forEach((box) => { box.checked = all.checked; });
    const count = boxes.filter((box) => box.checked).length;
    all.checked = count === boxes.length;
    all.indeterminate = count > 0 && !all.checked;
    target.form?.querySelectorAll("[data-chosen]").forEach((place) => { place.textContent = count; });
  });
}

/** "/" goes to the search box. */
function shortcut() {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, select, textarea, dialog")) return;
    const box = document.querySelector("[data-shortcut='/']");
    if (!box) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
}

/** What was typed before htmx listened is searched for, too: a slow machine shows the box long before its scripts run. */
function searchTypedEarly() {
  const search = (box) => { if (box.value !== box.defaultValue) box.dispatchEvent(new Event("input", { bubbles: true })); };
  // htmx, loaded before this, begins by a timer of its own.
  setTimeout(() => document.querySelectorAll("[hx-get] [type=search]").forEach(search));
}

/** What went wrong is read first, on a new page and after a swap. */
function toTheError() {
  const look = () => document.querySelector("[data-focus]:not([data-seen])");
  const go = () => {
    const place = look();
    if (!place) return;
    place.dataset.seen = "";
    place.focus();
  };
  document.addEventListener("htmx:after:swap", go);
  go();
}

/** Forms that carry an edit's name: sent by script, so that a line that breaks leaves what was typed where it is. */
const isTypedIn = (form) => form.matches("form[method=post]:not([hx-post], [enctype])") && form.querySelector("input[name=_edit]");
const isLost = (status) => [502, 503, 504].includes(status);

function keepTyped() {
  document.addEventListener("submit", async (event) => {
    const { target: form, submitter } = event;
    if (event.defaultPrevented || !isTypedIn(form)) return;
    event.preventDefault();
    const body = new URLSearchParams(new FormData(form));
    if (submitter?.name) body.append(submitter.name, submitter.value);
    const cut = new AbortController();
    const timer = setTimeout(() => cut.abort(), 90000);
    try {
      const answer = await fetch(form.getAttribute("action"), { method: "POST", body, headers: { "X-Sent-By": "script" }, signal: cut.signal });
      const text = await answer.text();
      if (isLost(answer.status)) throw new Error(answer.status);
      if (answer.status === 401) return sendAsPage(form, submitter);
      const place = answer.headers.get("X-Go-To");
      if (place) goTo(new URL(place, location.href));
      else show(text);
    } catch {
      form.dispatchEvent(new Event("form:done", { bubbles: true }));
      lost(form, submitter);
    } finally {
      clearTimeout(timer);
    }
  });
}

function goTo(place) {
  if (place.href.split("#")[0] !== location.href.split("#")[0]) return location.assign(place);
  history.replaceState(history.state, "", place);
  location.reload();
}

/** An answer that is no new place: the form with what is wrong, or what is to be looked at before sending. */
function show(text) {
  const next = new DOMParser().parseFromString(text, "text/html");
  page.classList.remove("sending");
  document.title = next.title;
  document.body.replaceWith(document.adoptNode(next.body));
  htmx.process(document.body);
  scrollTo(0, 0);
  document.dispatchEvent(new Event("htmx:after:swap"));
}

/** The line broke: on a device with a booklet the form goes to its outbox, else it stays as typed, to be sent again. */
async function lost(form, submitter) {
  const box = parts("line-lost");
  const [again] = box.getElementsByTagName("button");
  const say = () => {
    document.getElementById("notice").replaceChildren(box);
    box.tabIndex = -1;
    box.focus();
  };
  if (!form?.matches("form[method=post]")) again.remove();
  else {
    again.onclick = () => {
      box.remove();
      form.requestSubmit(submitter);
    };
    const left = enabled && await enabled.then((device) => device.leaveForm(form, submitter)).catch(() => null);
    if (left) {
      box.querySelector("p").textContent = left.text;
      if (left.link) {
        again.replaceWith(Object.assign(document.createElement("a"), { href: "/booklet#o", textContent: left.link }));
        form.dataset.sending = "";
      }
    }
  }
  say();
}

/** The same for what htmx sends; one whose session ended is sent again as a page, which keeps what was typed. */
function lostRequests() {
  const told = ({ sourceElement: form, request }) => lost(form, request.submitter);
  document.addEventListener("htmx:error", ({ detail }) => { if (detail.ctx) setTimeout(told, 0, detail.ctx); });
  document.addEventListener("htmx:before:response", (event) => {
    const { response, request, sourceElement: form } = event.detail.ctx;
    if (isLost(response.status)) {
      event.preventDefault();
      setTimeout(told, 0, event.detail.ctx);
    } else if (response.status === 401 && form.matches("form[method=post]")) {
      event.preventDefault();
      sendAsPage(form, request.submitter);
    }
  });
}

function sendAsPage(form, submitter) {
  if (submitter?.name) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: submitter.name, value: submitter.value }));
  }
  HTMLFormElement.prototype.submit.call(form);
}

function stop(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

page.classList.add("js");
// Where a service worker stands behind the page there may be a booklet; elsewhere nothing of it is loaded.
const enabled = navigator.serviceWorker?.controller && import("../booklet.js");
askFirst();
sendOnce();
keepTyped();
chooseRows();
shortcut();
searchTypedEarly();
toTheError();
lostRequests();
