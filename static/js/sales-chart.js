// <sales-chart>: puts a chart that can be zoomed in the place of the drawing that the server has made. Drag across it,
// or use its buttons, to look closer; each look asks the server for finer spans of time.

import uPlot from "../vendor/uplot@1.6.32/uPlot.esm.js";
import { optionsOf } from "./chart-options.js";

const UNITS = { minute: "each minute", quarter: "each quarter of an hour", hour: "each hour", day: "each day" };
const HEIGHT = 240;
const INKS = ["sold", "net", "faint"];

class SalesChart extends HTMLElement {
  async connectedCallback() {
    this.all = await this.fetch();
    if (!this.all?.at.length) return;
    this.inks = INKS.map((name) => Object.assign(document.createElement("i"), { className: `chart-ink-${name}`, hidden: true }));
    this.place = document.createElement("div");
    this.replaceChildren(...this.inks, this.tools(), this.place);
    this.show(this.all);
    new ResizeObserver(() => this.chart.setSize({ width: this.clientWidth, height: HEIGHT })).observe(this);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.show(this.shown));
  }

  fetch(query = "") {
    const read = (answer) => (answer.ok ? answer.json() : null);
    return fetch(`${this.dataset.source}${query}`).then(read).catch(() => null);
  }

  tools() {
    const tools = document.createElement("div");
    tools.className = "chart-tools";
    this.said = document.createElement("span");
    this.said.setAttribute("role", "status");
    tools.append(this.said, this.button("Closer", () => this.closer()), this.button("All of it", () => this.show(this.all)));
    return tools;
  }

  button(name, act) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: name });
    button.className = "button button-link";
    button.addEventListener("click", act);
    return button;
  }

  // The second half of what is shown, where the latest sales are.
  closer() {
    const { at } = this.shown;
    this.zoom(at[Math.floor(at.length / 2)], at.at(-1));
  }

  async zoom(from, to) {
    const found = await this.fetch(`?from=${Math.floor(from)}&to=${Math.ceil(to) + 60}`);
    if (found?.at.length > 1) this.show(found);
  }

  look() {
    const [sold, net, faint] = this.inks.map((element) => getComputedStyle(element).color);
    return { ...this.dataset, ink: getComputedStyle(this).color, sold, net, faint };
  }

  show(found) {
    if (!found.net?.some(Boolean)) delete found.net;
    this.shown = found;
    this.said.textContent = `Tickets sold ${UNITS[found.unit]}${found.net ? `, and ${this.dataset.currency} net` : ""}. Drag to look closer.`;
    this.chart?.destroy();
    const options = optionsOf(found, this.look(), (from, to) => this.zoom(from, to));
    const data = [found.at, found.sold, ...(found.net ? [found.net] : [])];
    this.chart = new uPlot({ ...options, width: this.clientWidth, height: HEIGHT }, data, this.place);
  }
}

customElements.define("sales-chart", SalesChart);
