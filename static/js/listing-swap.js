// Puts a fresh ticket listing in the place of the one that is shown, and keeps what the visitor has typed and opened.

// The text at an address of ours, or null when the server could not be reached or is too busy.
export function ask(address, cache) {
  const read = (answer) => (answer.ok ? answer.text() : null);
  return fetch(address, { cache, credentials: "omit" }).then(read).catch(() => null);
}

// The listing at an address, as an element that is not on the page yet, or null.
export async function freshListing(address) {
  const html = (await ask(address, "no-cache")) ?? "";
  return new DOMParser().parseFromString(html, "text/html").querySelector("order-form");
}

export function swapListing(old, fresh) {
  const focused = old.contains(document.activeElement) ? document.activeElement.name : "";
  const gone = [];
  for (const box of old.querySelectorAll("input:not([type=hidden])")) {
    const same = fresh.querySelector(`[name="${CSS.escape(box.name)}"]`);
    same?.setAttribute("value", box.value);
    if (!same && box.valueAsNumber > 0) gone.push(box.labels[0].lastChild.textContent);
  }
  for (const group of old.querySelectorAll("details[id]")) {
    fresh.querySelector(`details[id="${CSS.escape(group.id)}"]`)?.toggleAttribute("open", group.open);
  }
  const shown = document.importNode(fresh, true);
  old.replaceWith(shown);
  if (focused) shown.querySelector(`[name="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  const news = shown.querySelector("[data-news]");
  if (news && gone.length) news.textContent = `No longer to be had: ${gone.join(", ")}`;
  document.dispatchEvent(new Event("listing-swapped"));
}
