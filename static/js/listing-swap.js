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

// How to find again, in another listing, what has the focus in this one: a field, a group's heading, or the button.
function placeOf(element) {
  if (element.name) return `[name="${CSS.escape(element.name)}"]`;
  const group = element.closest("summary")?.parentElement.id;
  return group ? `#${CSS.escape(group)} > summary` : "[type=submit]";
}

// Answers whether it did: not while a choice is being sent, or the button would take a second press for a second order.
export function swapListing(old, fresh) {
  if (old.querySelector("[type=submit][aria-disabled]")) return false;
  const focused = old.contains(document.activeElement) ? placeOf(document.activeElement) : "";
  const gone = [];
  for (const box of old.querySelectorAll("input:not([type=hidden])")) {
    const same = fresh.querySelector(`[name="${CSS.escape(box.name)}"]`);
    same?.setAttribute("value", box.value);
    if (!same && box.name.startsWith("quantity-") && box.valueAsNumber > 0) gone.push(box.labels[0].lastChild.textContent);
  }
  for (const group of old.querySelectorAll("details[id]")) {
    fresh.querySelector(`details[id="${CSS.escape(group.id)}"]`)?.toggleAttribute("open", group.open);
  }
  const shown = document.importNode(fresh, true);
  shown.querySelector("[name=key]").value = old.querySelector("[name=key]").value; // the same choice is the same order
  shown.sent = old.sent;
  old.replaceWith(shown);
  const next = focused && (shown.querySelector(focused) ?? document.getElementById("tickets-title"));
  if (next) next.focus({ preventScroll: true });
  if (gone.length) document.querySelector("[data-news]").textContent = `No longer to be had: ${gone.join(", ")}`;
  if (fresh.dataset.status !== "before") document.querySelector(".remind")?.remove(); // there is nothing to wait for
  document.dispatchEvent(new Event("listing-swapped"));
  return true;
}
