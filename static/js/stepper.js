// A button for one fewer and one more beside each quantity. Keyboards have the arrow keys, so the buttons
// take no tab stop; the room for them is kept by listing.css, so nothing moves when they appear.

function step(box, by) {
  const most = Number(box.max) || Infinity;
  const now = Number.isFinite(box.valueAsNumber) ? box.valueAsNumber : 0;
  box.value = Math.min(most, Math.max(0, now + by));
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

function button(sign, words, box, by) {
  const made = document.createElement("button");
  made.type = "button";
  made.tabIndex = -1;
  made.textContent = sign;
  made.setAttribute("aria-label", `${words}, ${box.labels[0]?.lastChild.textContent}`);
  made.addEventListener("click", () => step(box, by));
  return made;
}

function equip(root) {
  for (const holder of root.querySelectorAll(".quantity:not(.quantity-stepped)")) {
    const box = holder.querySelector("input");
    holder.prepend(button("−", "One fewer", box, -1));
    holder.append(button("+", "One more", box, 1));
    holder.classList.add("quantity-stepped");
  }
}

equip(document);
document.addEventListener("listing-swapped", () => equip(document));
