// <order-form>: the running total, one key for one choice, and no second submit while the first is under way.
// The server is the judge of all three; without this file the form works as it stands.

const STUCK_MS = 8000; // a send that hangs may be tried again: it carries the same key

class OrderForm extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.button = this.querySelector("[type=submit]");
    this.form.addEventListener("input", () => this.count());
    this.form.addEventListener("submit", (event) => this.send(event));
    this.onShow = (event) => this.shown(event.persisted);
    window.addEventListener("pageshow", this.onShow);
    this.count();
  }

  disconnectedCallback() {
    window.removeEventListener("pageshow", this.onShow);
  }

  shown(cameBack) {
    if (cameBack) this.sent = undefined; // back from the checkout: the same choice is a new order
    this.button?.removeAttribute("aria-disabled");
    this.count();
  }

  send(event) {
    if (this.button?.getAttribute("aria-disabled")) {
      event.preventDefault();
      return;
    }
    const choice = new URLSearchParams(new FormData(this.form));
    choice.delete("key");
    if (choice.toString() !== this.sent) {
      this.sent = choice.toString();
      this.form.elements.key.value = randomKey();
    }
    this.button?.setAttribute("aria-disabled", "true");
    setTimeout(() => this.button?.removeAttribute("aria-disabled"), STUCK_MS);
  }

  count() {
    const boxes = [...this.form.querySelectorAll("input[type=number]")];
    for (const box of boxes) box.closest(".row").classList.toggle("row-picked", box.valueAsNumber > 0);
    const picked = boxes.filter((box) => box.valueAsNumber > 0);
    const tickets = picked.reduce((sum, box) => sum + box.valueAsNumber, 0);
    const total = picked.reduce((sum, box) => sum + box.valueAsNumber * this.price(box), 0);
    const money = Number.isNaN(total) ? "" : `, ${total ? this.money(total, picked) : "free"}`;
    const words = tickets ? `${tickets} ticket${tickets === 1 ? "" : "s"}${money}` : "";
    const output = this.querySelector("[data-total]");
    if (output && output.textContent !== words) output.textContent = words;
    this.querySelector("[data-picked]")?.replaceChildren(...picked.map(lineOf));
  }

  // NaN when no price is known or the typed one cannot be read: then no total is claimed.
  price(box) {
    const typed = this.form.elements[box.name.replace("quantity-", "price-")]?.value ?? box.dataset.price;
    return /^\d+([.,]\d{1,3})?$/.test(typed) ? Number(typed.replace(",", ".")) : NaN;
  }

  money(amount, picked) {
    const digits = Math.max(...picked.map((box) => box.dataset.price.split(".")[1]?.length ?? 0));
    const style = { style: "currency", currency: this.dataset.currency, minimumFractionDigits: digits, maximumFractionDigits: digits };
    return new Intl.NumberFormat(document.documentElement.lang, style).format(amount);
  }
}

// crypto.randomUUID is there on secure pages only, random bytes on all.
function randomKey() {
  return crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint32Array(4))].map((n) => n.toString(16).padStart(8, "0")).join("");
}

function lineOf(box) {
  const line = document.createElement("li");
  line.textContent = `${box.valueAsNumber} × ${box.labels[0].lastChild.textContent}`;
  return line;
}

customElements.define("order-form", OrderForm);
