// The numbers are asked for again and again (htmx, data-live): not while nobody sees the page.

const place = document.querySelector("[data-live]");

place?.addEventListener("htmx:before:request", (event) => document.hidden && event.preventDefault());
