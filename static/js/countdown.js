// <sale-countdown data-opens-at data-spread-ms>: counts on the server's clock, says it in words, and swaps the ticket
// listing in when the sale opens. Everyone waits for the same moment, so each asks at a random one of the
// milliseconds that follow it. Without this file the page says when, and a reload does the rest.

import { ask, freshListing, swapListing } from "./listing-swap.js";

const TOLD = [600, 300, 60, 10]; // seconds before the opening at which a screen reader is told
const UNITS = [["day", 86_400], ["hour", 3600], ["minute", 60], ["second", 1]];

class SaleCountdown extends HTMLElement {
  connectedCallback() {
    [this.seen, this.heard] = this.querySelectorAll("p");
    this.opensAt = Date.parse(this.dataset.opensAt);
    this.last = Infinity;
    this.onShow = (event) => event.persisted && this.setClock();
    window.addEventListener("pageshow", this.onShow);
    this.setClock();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    window.removeEventListener("pageshow", this.onShow);
  }

  async setClock() {
    const asked = Date.now();
    const answer = await ask("/clock/", "no-store");
    clearTimeout(this.timer);
    if (answer && this.isConnected) {
      this.offset = JSON.parse(answer).now_ms - (asked + Date.now()) / 2;
      this.tick();
    } else if (this.isConnected) {
      this.timer = setTimeout(() => this.setClock(), 3000 + Math.random() * 4000);
    }
  }

  tick() {
    const now = Date.now() + this.offset;
    const left = Math.ceil((this.opensAt - now) / 1000);
    const words = left > 0 ? `Opens in ${inWords(left)}` : "Opening now";
    this.seen.textContent = words;
    if (left <= 0 || TOLD.some((at) => left <= at && this.last > at)) this.heard.textContent = words;
    this.last = left;
    this.timer = left > 0
      ? setTimeout(() => this.tick(), left > 3600 ? 30_000 : 1000 - (now % 1000))
      : setTimeout(() => this.swap(1), Math.random() * Number(this.dataset.spreadMs));
  }

  async swap(tries) {
    const old = this.closest("order-form");
    const fresh = await freshListing(old.dataset.source);
    if (!this.isConnected) return;
    if (!fresh || fresh.querySelector("sale-countdown")?.dataset.opensAt === this.dataset.opensAt) {
      const wait = Math.min(30_000, 1000 * 2 ** tries) * (0.5 + Math.random());
      this.timer = setTimeout(() => this.swap(tries + 1), wait);
      return;
    }
    const status = document.querySelector("[data-sale-status] .status");
    status.className = `status status-${fresh.dataset.status}`;
    status.textContent = fresh.dataset.statusText;
    status.dataset.mark = fresh.dataset.mark;
    swapListing(old, fresh);
  }
}

// 93784 -> "1 day 2 hours": nobody waits for the seconds of a day.
function inWords(seconds) {
  const counts = UNITS.map(([name, size], at) => [Math.floor((seconds % (UNITS[at - 1]?.[1] ?? Infinity)) / size), name]);
  const words = counts.filter(([count]) => count).slice(0, 2);
  return words.map(([count, name]) => `${count} ${name}${count === 1 ? "" : "s"}`).join(" ");
}

customElements.define("sale-countdown", SaleCountdown);
