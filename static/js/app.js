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
    // A file that comes as the answer leaves the page standing: the form has to open again by itself.
    if (!form.matches("[hx-post]")) {
      page.classList.add("sending");
      setTimeout(done, 15000, form);
    }
  }, true);
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
    const dialog = parts("ask");
    dialog.querySelector("p").textContent = question;
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (dialog.returnValue === "yes") {
        agreed = form;
        form.requestSubmit(submitter);
        agreed = null;
      } else submitter?.focus();
    });
    document.body.append(dialog);
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

/** A request that got nowhere says so; one whose session ended is sent again as a page, which keeps what was typed. */
function lostRequests() {
  document.addEventListener("htmx:error", ({ detail }) => {
    if (detail.ctx) document.getElementById("notice").replaceChildren(parts("line-lost"));
  });
  document.addEventListener("htmx:before:response", (event) => {
    const { response, request, sourceElement: form } = event.detail.ctx;
    if (response.status !== 401 || !form.matches("form[method=post]")) return;
    event.preventDefault();
    const { submitter } = request;
    if (submitter?.name) {
      const field = Object.assign(document.createElement("input"), { type: "hidden", name: submitter.name, value: submitter.value });
      form.append(field);
    }
    HTMLFormElement.prototype.submit.call(form);
  });
}

function stop(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

page.classList.add("js");
askFirst();
sendOnce();
chooseRows();
shortcut();
toTheError();
lostRequests();
