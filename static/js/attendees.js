// <attendee-names>: the buyer's name on ticket 1 as it is typed, and the first ticket's name on all of them.
// Without this file the checkbox does the first when the form is sent.

class AttendeeNames extends HTMLElement {
  connectedCallback() {
    this.buyer = document.getElementById(this.dataset.buyer);
    this.box = document.getElementById(this.dataset.useBuyer);
    this.names = [...this.querySelectorAll("input[name^=attendee_]")];
    if (!this.names.length) return;
    this.box.addEventListener("change", () => this.useBuyer());
    this.buyer.addEventListener("input", () => this.box.checked && this.useBuyer());
    this.names[0].addEventListener("input", () => (this.box.checked = false));
    const copy = this.querySelector("[data-copy]");
    if (!copy) return;
    copy.hidden = false;
    copy.addEventListener("click", () => this.copy());
  }

  useBuyer() {
    this.names[0].value = this.box.checked ? this.buyer.value : "";
  }

  copy() {
    const [first, ...others] = this.names;
    for (const name of others) name.value = first.value;
    const words = first.value ? `Copied to ${others.length} more ticket${others.length === 1 ? "" : "s"}.` : "Type a name for ticket 1 first.";
    this.querySelector("[data-copied]").textContent = words;
  }
}

customElements.define("attendee-names", AttendeeNames);
