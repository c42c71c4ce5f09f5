// This page is the answer to a form. Naming its address anew lets a reload ask for the page, and not send the form again.
// Without this file the browser offers to send it again, which changes nothing.

history.replaceState(history.state, "", location.href);
