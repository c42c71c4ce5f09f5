"""The HTML of the payment page, from sessions to strings. Everything that came from outside is escaped."""

from html import escape
from string import Template

from fakestripe import currencies
from fakestripe.objects import Json

DOCUMENT = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>$title - Fake Stripe</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/pay/page.css">
</head>
<body>
<header><p><strong>Fake Stripe - no money moves</strong></p></header>
<main>
$body
</main>
</body>
</html>
""")

LINES = Template("""<table>
<caption>Your order</caption>
<thead><tr><th scope="col">Item</th><th scope="col">Quantity</th><th scope="col">Amount</th></tr></thead>
<tbody>
$rows
</tbody>
<tfoot><tr><th scope="row" colspan="2">Total</th><td>$total</td></tr></tfoot>
</table>""")

BUTTONS = Template("""<form method="post">
<button name="button" value="pay" class="main">Pay $total</button>
<button name="button" value="decline">Decline</button>
</form>
<section aria-labelledby="late">
<h2 id="late">Things that go slowly</h2>
<form method="post">
<label for="tell">Seconds until the shop hears of it</label>
<input id="tell" name="seconds" type="number" min="0" max="86400" value="8" required>
<button name="button" value="tell_late">Pay, but tell the shop late</button>
</form>
<form method="post">
<label for="wait">Seconds until the card is charged</label>
<input id="wait" name="seconds" type="number" min="0" max="86400" value="60" required>
<button name="button" value="pay_late">Pay after the hold has lapsed</button>
</form>
<p>A session that the shop has expired in between is not paid, as at Stripe.</p>
</section>
<form method="post">
<button name="button" value="close">Close and go back to the shop</button>
</form>""")


def checkout(session: Json, error: str | None, seconds_left: int | None) -> str:
    """An open session: what it costs, the last decline, a late payment under way, and the buttons."""
    total = _money(session["amount_total"], session["currency"])
    parts = [f"<h1>Pay {total}</h1>"]
    if error:
        parts.append(f'<p role="alert" class="error">{escape(error)}</p>')
    if seconds_left is not None:
        late = f"The card will be charged in {seconds_left} seconds. Reload the page to see."
        parts.append(f'<p role="status" class="note">{late}</p>')
    if session["customer_email"]:
        parts.append(f"<p>Receipt to {escape(session['customer_email'])}</p>")
    return _document(f"Pay {total}", [*parts, _lines(session), BUTTONS.substitute(total=total)])


def paid(session: Json, success_url: str) -> str:
    """A session that is complete."""
    link = f'<p><a href="{escape(success_url)}">Back to the shop</a></p>'
    return _document("Already paid", ["<h1>This has already been paid</h1>", _lines(session), link])


def expired(session: Json) -> str:
    """A session that can no longer be paid."""
    parts = ["<h1>This payment page has expired</h1>", "<p>Nothing was charged.</p>"]
    if session["cancel_url"]:
        parts.append(f'<p><a href="{escape(session["cancel_url"])}">Back to the shop</a></p>')
    return _document("Expired", parts)


def message(title: str, text: str) -> str:
    """A page that only says something."""
    return _document(title, [f"<h1>{escape(title)}</h1>", f"<p>{escape(text)}</p>"])


def _document(title: str, parts: list[str]) -> str:
    return DOCUMENT.substitute(title=escape(title), body="\n".join(parts))


def _lines(session: Json) -> str:
    rows = "\n".join(
        f'<tr><th scope="row">{escape(line["description"])}</th><td>{line["quantity"]}</td>'
        f"<td>{_money(line['amount_total'], line['currency'])}</td></tr>"
        for line in session["_fake"]["lines"]
    )
    return LINES.substitute(rows=rows, total=_money(session["amount_total"], session["currency"]))


def _money(amount_minor: int, currency: str) -> str:
    return escape(currencies.show(amount_minor, currency))
