// Keeps this ticket on the telephone: the page and its files go into a cache, from which js/ticket-worker.js
// answers when there is no connection. Says so when it is done.

const CACHE = "tickets-1"; // the same name as in ticket-worker.js

async function keep() {
  await navigator.serviceWorker.register("/tickets/worker.js", { scope: "/tickets/" });
  const parts = document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src]");
  const cache = await caches.open(CACHE);
  await cache.addAll([location.pathname, ...[...parts].map((part) => part.href || part.src)]);
  return "Kept on this device: it opens without a connection too.";
}

const say = (words) => (document.querySelector("[data-kept]").textContent = words);

if ("serviceWorker" in navigator) {
  keep().then(say, () => navigator.onLine || say("You are without a connection. This ticket works all the same."));
}
