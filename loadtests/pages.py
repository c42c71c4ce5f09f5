"""What a page says to whoever reads it: forms and their fields, links, ticket rows, and what its scripts act on.

Nothing here knows an address or an id of the site: a form is known by what it asks and by its buttons' words, a
link by its words, and an attribute is read only where the browser, htmx or the page's own script reads it too.
"""

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml import html

QUANTITY = re.compile(r"^quantity-(?P<name>.+)$")
COMPLETE = re.compile(r"\bOrder\s+(\S+)\s+is complete\b")
LEAST = re.compile(r"(\d+) to \d+ per order")
EVERY = re.compile(r"every\s+(\d+(?:\.\d+)?)s\b")
Node = Any  # an element: lxml has no types of its own
# A picture of one dot, for whoever asks for a file; a form with one in it is sent in parts.
PICTURE = base64.b64encode(
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde"
    b"\x00\x00\x00\x0cIDATx\x9cc\xf8\xcf\xc0\x00\x00\x03\x01\x01\x00\xc9\xfe\x92\xef\x00\x00\x00\x00IEND\xaeB`\x82"
).decode()
NOT_TYPED = {"submit", "button", "image", "reset", "file"}


class NotThere(Exception):
    """The page has not got what a person would look for on it."""


@dataclass(frozen=True, slots=True)
class Button:
    """What submits a form: its words, the pair it adds, and whether it can be pressed."""

    text: str
    pair: tuple[str, str] | None
    is_disabled: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A ticket type that can be chosen: the field for how many, its bounds, and the field for a price of one's own."""

    name: str
    label: str
    field: str
    least: int
    most: int
    price_field: str | None


@dataclass(frozen=True, slots=True)
class Sale:
    """What the page's scripts act on: htmx polls `poll_url`, the countdown asks `source` anew at the opening."""

    status: str
    mark: str
    source: str
    opens_at: str
    spread_ms: float
    poll_url: str
    poll_seconds: float


class Form:
    """A form that posts, with its fields as they stand and those that a person would have to fill."""

    def __init__(self, node: Node, controls: list[Node], url: str) -> None:
        self._controls = controls
        self.action = urljoin(url, node.get("action") or url)
        self.fields = dict(_fields(controls))

    @property
    def buttons(self) -> list[Button]:
        """Those that send this form to its own address."""
        return [_button(one) for one in self._controls if _is_button(one) and not one.get("formaction")]

    def asks_for(self, kind: str) -> bool:
        """Whether there is a field of this type, such as `email`."""
        return any(one.get("type") == kind for one in self._controls)

    def filled(self, *, name: str, email: str, password: str = "") -> dict[str, str]:
        """Its fields with what must be filled in: an e-mail, a password, a name wherever words are asked for."""
        typed = dict(self.fields)
        for one in self._controls:
            if one.get("type") == "file" and one.get("required") is not None:
                typed[one.get("name")] = PICTURE
                continue
            field = one.get("name")
            if field and one.tag == "input" and one.get("type") == "email":
                typed[field] = email
            elif field and one.tag == "input" and one.get("type") == "password":
                typed[field] = password
            elif field and one.get("required") is not None and not typed.get(field):
                typed[field] = _needed(one, name)
        return typed | {field: value for field, value in map(_first_choice, self._groups) if field not in typed}

    @property
    def _groups(self) -> list[list[Node]]:
        """The boxes of each group whose legend does not say that it may be left alone."""
        boxes: dict[Node, list[Node]] = {}
        for one in self._controls:
            around = next(one.iterancestors("fieldset"), None) if one.get("type") == "checkbox" else None
            if around is not None and "(optional)" not in _words(around.find("legend")):
                boxes.setdefault(around, []).append(one)
        return list(boxes.values())

    def pressed(self, words: str) -> dict[str, str]:
        """The pair of the button that begins with these words, or nothing. Raises NotThere without such a button."""
        for button in self.buttons:
            if button.text.lower().startswith(words.lower()) and not button.is_disabled:
                return dict([button.pair]) if button.pair else {}
        raise NotThere(f"no button {words!r}")


class Page:
    """One document as it came from `url`."""

    def __init__(self, body: bytes, url: str) -> None:
        self.url = url
        self._tree: Node = html.document_fromstring(body or b"<html></html>", parser=html.HTMLParser(encoding="utf-8"))

    @property
    def text(self) -> str:
        """What can be read on it."""
        body = self._tree.find("body")
        return " ".join(" ".join(self._tree.itertext() if body is None else body.itertext()).split())

    @property
    def title(self) -> str:
        return _words(self._first(self._tree.iter("title")))

    @property
    def forms(self) -> list[Form]:
        """The forms that post."""
        posting = [one for one in self._tree.iter("form") if (one.get("method") or "").lower() == "post"]
        return [Form(one, self._controls(one), self.url) for one in posting]

    def form(self, wanted: Callable[[Form], bool], what: str) -> Form:
        """The first form of which this is true. Raises NotThere."""
        found = next(filter(wanted, self.forms), None)
        if found is None:
            raise NotThere(f"no form {what} on {self.title!r}")
        return found

    def form_with_button(self, words: str) -> Form:
        """The first form with a button that begins with these words. Raises NotThere."""
        words = words.lower()
        return self.form(lambda form: any(one.text.lower().startswith(words) for one in form.buttons), f"to {words!r}")

    @property
    def choice(self) -> Form | None:
        """The form in which tickets are chosen."""
        return next((form for form in self.forms if any(map(QUANTITY.match, form.fields))), None)

    @property
    def rows(self) -> list[Row]:
        """The ticket types that can be chosen."""
        labels = {one.get("for"): _words(one) for one in self._tree.iter("label")}
        inputs = {one.get("name"): one for one in self._tree.iter("input") if one.get("name")}
        found = [(QUANTITY.match(name), one) for name, one in inputs.items()]
        return [_row(match["name"], one, labels, inputs) for match, one in found if match]

    @property
    def sale(self) -> Sale:
        """How the sale stands, for the scripts."""
        form, counter = self._carrying("data-source"), self._carrying("data-opens-at")
        poll = self._carrying("hx-get")
        every = EVERY.search(poll.get("hx-trigger") or "") if poll is not None else None
        return Sale(
            status=_of(form, "data-status"), mark=_of(form, "data-mark"),
            source=self._address(_of(form, "data-source")), opens_at=_of(counter, "data-opens-at"),
            spread_ms=float(_of(counter, "data-spread-ms") or 0), poll_url=self._address(_of(poll, "hx-get")),
            poll_seconds=float(every[1]) if every else 0.0,
        )  # fmt: skip

    @property
    def mark(self) -> str:
        """The mark of the listing that the answer to a poll knows of."""
        return _of(self._carrying("data-mark"), "data-mark")

    def links(self, words: str) -> list[str]:
        """The addresses of the links whose text begins with these words."""
        found = [one for one in self._tree.iter("a") if _words(one).lower().startswith(words.lower())]
        return [self._address(one.get("href") or "") for one in found]

    @property
    def files(self) -> list[str]:
        """The style sheets, scripts and the icon that a browser without a copy fetches from the same origin."""
        links = [one.get("href") for one in self._tree.iter("link") if one.get("rel") in {"stylesheet", "icon"}]
        scripts = [one.get("src") for one in self._tree.iter("script")]
        addresses = [self._address(one) for one in dict.fromkeys([*links, *scripts]) if one]
        return [one for one in addresses if urlsplit(one).netloc == urlsplit(self.url).netloc]

    @property
    def reference(self) -> str:
        """The reference of an order that the page says is complete; empty if it says nothing of the kind."""
        found = COMPLETE.search(self.text)
        return found[1] if found else ""

    @property
    def still_asks(self) -> bool:
        """Whether it says that the organiser needs something more."""
        return "still needs something from you" in self.text

    @property
    def total_text(self) -> str:
        """What stands beside the word Total."""
        heads = (one for one in self._tree.iter("th") if _words(one) == "Total")
        head = self._first(heads)
        return _words(head.getnext()) if head is not None and head.getnext() is not None else ""

    @property
    def has_alert(self) -> bool:
        """Whether it says aloud that something is wrong."""
        return self._carrying("role", "alert") is not None

    def _controls(self, form: Node) -> list[Node]:
        """The fields and buttons of a form, wherever on the page they stand."""
        inside = [one for one in form.iter("input", "select", "textarea", "button") if one.get("form") is None]
        name = form.get("id")
        return inside + (self._tree.xpath(".//*[@form=$name]", name=name) if name else [])

    def _carrying(self, attribute: str, value: str = "") -> Node:
        return self._tree.find(f".//*[@{attribute}='{value}']" if value else f".//*[@{attribute}]")

    def _address(self, path: str) -> str:
        return urljoin(self.url, path) if path else ""

    @staticmethod
    def _first(nodes: Iterator[Node]) -> Node:
        return next(nodes, None)


@lru_cache(maxsize=32)
def shared(body: bytes, url: str) -> Page:
    """The same document that everybody gets, read once: the event page, its listing, the answer to a poll."""
    return Page(body, url)


def _fields(controls: list[Node]) -> Iterator[tuple[str, str]]:
    for one in controls:
        name, kind = one.get("name"), (one.get("type") or "").lower()
        if not name or one.tag == "button" or kind in NOT_TYPED or one.get("disabled") is not None:
            continue
        if one.tag == "select":
            yield name, str(one.value or "")
        elif one.tag == "textarea":
            yield name, (one.text or "").removeprefix("\n")  # as browsers do
        elif kind not in {"checkbox", "radio"} or one.get("checked") is not None:
            yield name, one.get("value") or ("on" if kind in {"checkbox", "radio"} else "")


def _first_choice(boxes: list[Node]) -> tuple[str, str]:
    return boxes[0].get("name"), boxes[0].get("value") or "on"


def _needed(control: Node, name: str) -> str:
    if control.tag == "select":
        return next((value for value in control.value_options if value), "")
    if control.get("type") in {"checkbox", "radio"}:
        return control.get("value") or "on"
    return {"number": "1", "date": "2000-01-31"}.get(control.get("type") or "", name)


def _is_button(node: Node) -> bool:
    kind = node.get("type") or ("submit" if node.tag == "button" else "")
    return bool(kind == "submit")


def _button(node: Node) -> Button:
    pair = (node.get("name"), node.get("value") or "") if node.get("name") else None
    return Button(_words(node) or node.get("value") or "", pair, node.get("disabled") is not None)


def _row(name: str, node: Node, labels: Mapping[str, str], inputs: Mapping[str, Node]) -> Row:
    price = node.get("name").replace("quantity-", "price-", 1)  # as order-form.js does
    row = next(node.iterancestors("li"), None)
    limits = LEAST.search(row.text_content()) if row is not None else None
    return Row(
        name, labels.get(node.get("id"), name), node.get("name"), int(limits[1]) if limits else 1,
        int(node.get("max") or 1), price if price in inputs else None,
    )  # fmt: skip


def _words(node: Node) -> str:
    return " ".join(node.text_content().split()) if node is not None else ""


def _of(node: Node, attribute: str) -> str:
    return (node.get(attribute) or "") if node is not None else ""
