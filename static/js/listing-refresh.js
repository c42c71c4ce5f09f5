// While the page is open htmx asks how the sale stands (data-sale-status). When the listing it knows of is another
// than the one shown, the new one is put in its place. What is the same is not announced again.

import { freshListing, swapListing } from "./listing-swap.js";

const place = document.querySelector("[data-sale-status]");

function markIn(html) {
  return new DOMParser().parseFromString(html, "text/html").querySelector("[data-mark]")?.dataset.mark;
}

async function refresh(mark) {
  const shown = document.querySelector("order-form");
  if (!shown || shown.dataset.mark === mark) return;
  const fresh = await freshListing(shown.dataset.source);
  if (fresh && fresh.dataset.mark !== shown.dataset.mark && shown.isConnected) swapListing(shown, fresh);
}

place?.addEventListener("htmx:before:request", (event) => document.hidden && event.preventDefault());
place?.addEventListener("htmx:before:swap", (event) => {
  const mark = markIn(event.detail.ctx.text);
  if (!mark || mark === place.querySelector("[data-mark]")?.dataset.mark) event.preventDefault();
  if (mark) refresh(mark);
});
