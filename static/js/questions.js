// <asked-if>: a question that depends on another. It is hidden, and not sent, until the other's answer is one of its own.
// Without this file all questions are shown, each with when it is asked in words; the server is the judge either way.

class AskedIf extends HTMLElement {
  connectedCallback() {
    this.form = this.closest("form");
    this.values = JSON.parse(this.dataset.values);
    this.controls = [...this.querySelectorAll("input, select, textarea")];
    this.querySelector("[data-only-if]")?.setAttribute("hidden", "");
    this.form.addEventListener("change", () => this.judge());
    this.judge();
  }

  // Not in the page before, as when its page shows only some of the tickets: then it stays as the server has sent it.
  judge() {
    const others = [...this.form.elements].filter((control) => control.name === this.dataset.field);
    if (!others.length) return;
    const isAsked = others.some((control) => this.isAnswered(control));
    if (this.hidden === !isAsked) return;
    this.hidden = !isAsked;
    for (const control of this.controls) control.disabled = !isAsked;
    this.form.dispatchEvent(new Event("change")); // what depends on this one in turn
  }

  isAnswered(control) {
    if (control.disabled) return false;
    if (control.type === "checkbox" && !control.hasAttribute("value")) return control.checked;
    if (["checkbox", "radio"].includes(control.type)) return control.checked && this.values.includes(control.value);
    return this.values.includes(control.value);
  }
}

customElements.define("asked-if", AskedIf);
