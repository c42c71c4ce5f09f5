// Buttons that ask the browser for a passkey: allauth's script (mfa/js/webauthn.js) does it, told here which button,
// which hidden field takes the answer, and, where one is added, which box says that it is to log in alone.
document.querySelectorAll("[data-passkey]").forEach((button, place) => {
  const { passkey, credential, alone } = button.dataset;
  button.id ||= `passkey-button-${place}`;
  window.allauth.webauthn.forms[`${passkey}Form`]({
    ids: { [passkey]: button.id, credential, passwordless: alone, data: "passkey-data" },
  });
});

// Says on the page, and not only to the console, that no passkey came: the person closed the dialog, or there is none.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  document.getElementById("passkey-fault").hidden = false;
});
