// <copy-link>: a button that copies what its field shows. Without this file the text can be selected there.

class CopyLink extends HTMLElement {
  connectedCallback() {
    if (!navigator.clipboard) return; // on pages that are not secure
    const field = this.querySelector("input");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button-quiet";
    button.textContent = "Copy";
    const said = document.createElement("span");
    said.setAttribute("role", "status");
    button.addEventListener("click", async () => {
      field.select();
      await navigator.clipboard.writeText(field.value);
      said.textContent = "Copied";
    });
    this.append(button, said);
  }
}

customElements.define("copy-link", CopyLink);
