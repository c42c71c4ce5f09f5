/* <slug-suggestion data-from="id_title">: makes an event's address from its title while nobody has typed one. */
const LONGEST = 75;

function slugOf(text) {
  return text.normalize("NFKD").replace(/[̀-ͯ]/g, "").toLowerCase().replace(/[^a-z0-9]+/g, "-").slice(0, LONGEST).replace(/^-+|-+$/g, "");
}

customElements.define("slug-suggestion", class extends HTMLElement {
  connectedCallback() {
    const title = document.getElementById(this.dataset.from);
    const slug = this.querySelector("input");
    let own = slug.value !== "" && slug.value !== slugOf(title.value);
    slug.addEventListener("input", () => {
      own = slug.value !== "";
    });
    title.addEventListener("input", () => {
      if (!own) {
        slug.value = slugOf(title.value);
      }
    });
  }
});
