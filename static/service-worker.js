// Keeps the shell of the pages that work without a line: the static tree and those pages, which tell nothing about anybody.
// It answers GET for exactly these and never meets a POST; data are the booklet's, sealed in IndexedDB, and never come near.
//
// The server writes SHELL in front: {name, version, files: {path below static: digest}, pages: {path: digest}}, made from the tree
// as it stands. A byte changed anywhere makes another worker. It waits until the pages of the one before are closed or one of
// them says "take over"; an update on a slow line fetches only what changed, and goes on where it was cut off.

const { name: made, version, files, pages } = self.SHELL;
const NAME = `shell ${made}`;
const PREFIX = "/static/";

const inTree = (url) => new URL(url).pathname.split("/").slice(3).join("/");
const isOf = (answer, digest) => answer.ok && (answer.headers.get("ETag") ?? "").includes(digest);

addEventListener("install", (event) => event.waitUntil(fill()));
addEventListener("activate", (event) => event.waitUntil(takeOver()));
addEventListener("message", ({ data }) => { if (data === "take over") self.skipWaiting(); });
addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== location.origin) return;
  if (mode === "navigate" && pathname in pages) event.respondWith(page(pathname, event.request));
  else if (pathname.startsWith(PREFIX) && mode !== "navigate") event.respondWith(file(event.request));
});

/** Puts everything into this version's cache; throws where something is missing, and the browser tries again later. */
async function fill() {
  const cache = await caches.open(NAME);
  const old = await kept();
  const put = async (path, known, digest) => {
    const there = old.get(known);
    const answer = there && isOf(there, digest) ? there : await fetch(path, { cache: "no-cache" });
    // A server in the middle of its own update answers with a file of another version: never keep a mixture.
    if (!isOf(answer, digest)) throw new Error(path);
    await cache.put(path, answer);
  };
  await Promise.all([
    ...Object.entries(files).map(([name, digest]) => put(`${PREFIX}${version}/${name}`, name, digest)),
    ...Object.entries(pages).map(([path, digest]) => put(path, path, digest)),
  ]);
}

/** What earlier versions, and an installation that was cut off, have left: name → answer. */
async function kept() {
  const found = new Map();
  for (const name of await shells()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const { pathname } = new URL(request.url);
      found.set(pathname.startsWith(PREFIX) ? inTree(request.url) : pathname, await cache.match(request, { ignoreVary: true }));
    }
  }
  return found;
}

const shells = async () => (await caches.keys()).filter((name) => name.startsWith("shell "));

async function takeOver() {
  for (const name of await shells()) if (name !== NAME) await caches.delete(name);
  await self.clients.claim();
}

/** A page starts from the device, whatever the line does. */
const page = async (path, request) => (await (await caches.open(NAME)).match(path, { ignoreVary: true })) ?? fetch(request);

/** A file by its whole address, of whichever version a page was started with. */
const file = async (request) => (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
