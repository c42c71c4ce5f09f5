"""A person with a browser of their own: what they press and see, and what must hold of every page they see."""

from dataclasses import dataclass
from typing import Any, Final, Literal, Self

from playwright.sync_api import Browser, ConsoleMessage, Locator, Request, Response, expect

from tests.browser import axe

Scheme = Literal["light", "dark"]
HEIGHTS: Final = {320: 640, 1280: 800}
SLOW_MS: Final = 15_000


@dataclass(frozen=True)
class Look:
    """How a visitor looks at the site."""

    width: int = 1280
    scheme: Scheme = "light"
    scripts: bool = True

    def __str__(self) -> str:
        return f"{self.width}-{self.scheme}-{'js' if self.scripts else 'nojs'}"


class Visitor:
    """One browser context. `sees` waits for a page by its heading and then holds it against `check`."""

    def __init__(self, browser: Browser, look: Look, *, site: str, stripe: str) -> None:
        self.look, self.site = look, site
        self.allowed = [f"{site}/", f"{stripe}/", "data:", "blob:"]
        self.stripe = stripe
        self._faults: list[str] = []
        self._refused: set[str] = set()
        self.context = browser.new_context(
            base_url=site, viewport={"width": look.width, "height": HEIGHTS[look.width]}, color_scheme=look.scheme,
            java_script_enabled=look.scripts,
        )  # fmt: skip
        self.context.set_default_timeout(SLOW_MS)
        self.context.on("console", self._heard)
        self.context.on("weberror", lambda error: self._faults.append(f"script: {error.error}"))
        self.context.on("request", self._asked)
        self.context.on("response", self._answered)
        self.page = self.context.new_page()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()

    def comes_again(self) -> Self:
        """Forget what was amiss at the last visit."""
        self._faults.clear()
        self._refused.clear()
        return self

    def leaves(self) -> None:
        """Go nowhere: no page is open that would still ask the site for something."""
        self.page.goto("about:blank")

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        # Chromium also complains of a page that comes with an error's status, which is what such a page should do.
        if "Failed to load resource" in message.text and message.location["url"] in self._refused:
            return
        self._faults.append(f"console: {message.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith(tuple(self.allowed)):
            self._faults.append(f"another origin: {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.request.is_navigation_request():
            self._refused.add(response.url)

    def opens(self, path: str, heading: str = "") -> None:
        """Type an address of the site, and see its page."""
        self.page.goto(path)
        if heading:
            self.sees(heading)

    def sees(self, heading: str) -> None:
        """Wait for the page with this heading, and hold it against `check`."""
        expect(self.page.get_by_role("heading", level=1, name=heading)).to_be_visible(timeout=SLOW_MS)
        self.page.wait_for_load_state("load")
        self.check()

    def check(self) -> None:
        """No fault of any kind on this page or on the way to it; no cookie; nothing wider than the screen."""
        found = [*self._faults, *axe.faults(self.page, look=self.look, scripts=self.look.scripts)]
        found += [f"cookie: {cookie}" for cookie in self.context.cookies()]
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        if wide > self.look.width:
            found.append(f"{wide} wide on a screen of {self.look.width}")

        assert not found, "\n".join([f"{self.look} at {self.page.url}", *found])

    def at_stripe(self) -> bool:
        """Whether this is the payment page."""
        return self.page.url.startswith(self.stripe)

    def press(self, name: str, **options: Any) -> None:
        """Press the button with exactly this name."""
        self.page.get_by_role("button", name=name, exact=True).click(**options)

    def follow(self, name: str) -> None:
        """Follow the link with exactly this name."""
        self.page.get_by_role("link", name=name, exact=True).click()

    def field(self, label: str) -> Locator:
        """The field with exactly this label."""
        return self.page.get_by_label(label, exact=True)

    def choose(self, ticket: str, quantity: int) -> None:
        """Type how many of a ticket type."""
        self.field(f"Quantity, {ticket}").fill(str(quantity))

    def says_who(self, name: str = "Ada Lovelace", email: str = "ada@example.com") -> None:
        """Type name and address on the details page."""
        self.field("Full name").fill(name)
        self.field("E-mail").fill(email)

    def reloads(self, heading: str) -> None:
        """Load the page again, and see it."""
        self.page.reload()
        self.sees(heading)

    def reads(self, text: str) -> None:
        """Wait until these words are on the page."""
        expect(self.page.get_by_text(text).filter(visible=True).first).to_be_visible(timeout=SLOW_MS)
