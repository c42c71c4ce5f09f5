// Says on the page, and not only to the console, that no passkey came: the person closed the dialog, or there is none.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  document.getElementById("passkey-fault").hidden = false;
});
