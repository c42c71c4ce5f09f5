// Service worker of /tickets/: a ticket that was opened once opens without a connection, or with a very slow one.
// The page itself is always asked for first, so that a cancelled ticket does not live on.

const CACHE = "tickets-1"; // the same name as in ticket-offline.js
const PATIENCE_MS = 3000;

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("activate", (event) => {
  const drop = (names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
  event.waitUntil(caches.keys().then(drop).then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || new URL(request.url).origin !== location.origin) return;
  event.respondWith(request.mode === "navigate" ? page(request) : part(request));
});

// The fresh page; the kept one when the network fails, errs or takes too long.
async function page(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request.url);
  const fresh = fetch(request).then((answer) => noted(cache, request, answer));
  if (!kept) return fresh;
  const answer = await Promise.race([fresh, late()]).catch(() => undefined);
  return !answer || answer.status >= 500 ? kept : answer;
}

// Keeps a known page up to date, and forgets one that the server no longer has.
async function noted(cache, request, answer) {
  if (answer.status === 404 || answer.status === 410) await cache.delete(request.url);
  else if (answer.ok && (await cache.match(request.url))) await cache.put(request.url, answer.clone());
  return answer;
}

// Style sheets and scripts change their names when they change, so a kept one is right.
async function part(request) {
  return (await caches.match(request)) ?? fetch(request);
}

const late = () => new Promise((done) => setTimeout(done, PATIENCE_MS));
