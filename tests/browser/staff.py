"""Staff and organisers at their pages: they sign in, so they have a cookie, and staff's pages are in Django's frame."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import expect

from accounts.models import User
from tests.browser import axe
from tests.browser.conftest import Come
from tests.browser.visitor import Look, Visitor

# Django's own frame around staff's pages is not ours to mend: its side bar and messages are on pictures, on which axe
# cannot judge contrast, and without JavaScript its button for the colours has no name.
NOT_OURS = ("could not be determined", ".theme-toggle")


class Member(Visitor):
    """Somebody with an account."""

    def signs_in(self, user: User) -> None:
        """At the site's own log-in, which staff may use as well."""
        self.page.goto("/login/")
        self.field("E-mail address").fill(user.email)
        self.field("Password").fill("password")
        self.press("Log in")

    def check(self) -> None:
        """As for every visitor, but for the cookies."""
        found = [*self._faults, *axe.faults(self.page, look=self.look, scripts=self.look.scripts)]
        found = [fault for fault in found if not any(part in fault for part in NOT_OURS)]
        wide = self.page.evaluate("document.documentElement.scrollWidth")

        assert not found, "\n".join([f"{self.look} at {self.page.url}", *found])
        assert wide == self.look.width
        assert {cookie["name"] for cookie in self.context.cookies()} <= {"csrftoken", "sessionid"}


@contextmanager
def member(come: Come, look: Look) -> Iterator[Member]:
    """A browser of somebody with an account, beside those of visitors."""
    visitor = come(look)
    browser = visitor.context.browser
    assert browser
    with Member(browser, look, site=visitor.site, stripe=visitor.stripe) as made:
        yield made


def sees_message(visitor: Visitor, text: str) -> None:
    """What staff's pages say after something was done."""
    expect(visitor.page.locator(".messagelist")).to_contain_text(text)
