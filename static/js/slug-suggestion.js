// Writes an address into a field with data-slug-of while the name is typed, until somebody types an address there.
const plain = (text) =>
  text
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 50);

document.querySelectorAll("[data-slug-of]").forEach((slug) => {
  const name = document.getElementById(slug.dataset.slugOf);
  let suggested = slug.value;
  name.addEventListener("input", () => {
    if (slug.value === suggested) {
      slug.value = suggested = plain(name.value);
    }
  });
});
