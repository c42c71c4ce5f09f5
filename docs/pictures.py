"""`make pictures`: takes the README's pictures anew, from the demo on servers of its own.

Times in the demo follow the day, so two runs differ in their dates and in nothing else.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from embedded import browser, environment, ports, site  # noqa: E402  -- a script finds its rooms by the path above
from embedded.servers import throwaway  # noqa: E402  -- as above

PICTURES = ROOT / "docs" / "pictures"
EVENT = "meridian/field-notes/"
FREE_EVENT = "riverside-makers/soldering-night/"
ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"]

Scene = Callable[[Page, str], None]


def event_page(page: Page, address: str) -> None:
    """The conference, with something chosen."""
    page.goto(address + EVENT)
    page.locator("input[type=number]:visible").first.fill("2")


def review(page: Page, address: str) -> None:
    """The same, ready to be paid."""
    event_page(page, address)
    page.get_by_role("button", name="Get tickets").click()
    page.get_by_label("Full name").fill("Ada Lovelace")
    page.get_by_label("E-mail").fill("ada@example.com")
    page.get_by_role("button", name="Continue to review").click()
    page.wait_for_selector("h1:has-text('Review')")


def ticket(page: Page, address: str) -> None:
    """A free ticket, bought just now."""
    page.goto(address + FREE_EVENT)
    page.locator("input[type=number]:visible").first.fill("1")
    page.get_by_role("button", name="Get tickets").click()
    page.get_by_label("Full name").fill("Ada Lovelace")
    page.get_by_label("E-mail").fill("ada@example.com")
    page.get_by_role("button", name="Confirm free order").click()
    page.get_by_role("link", name="Show").first.click()
    page.wait_for_selector("svg")


def rehearsal(page: Page, _: str) -> None:
    """The sample of a rehearsal's report, which `make sample` makes."""
    page.goto((ROOT / "docs" / "samples" / "rehearsal.html").as_uri())


SCENES: dict[str, tuple[Scene, int, int, str]] = {
    "event-wide": (event_page, 1280, 1240, "light"),
    "event-phone-dark": (event_page, 390, 844, "dark"),
    "review": (review, 390, 844, "light"),
    "ticket": (ticket, 390, 844, "light"),
    "rehearsal": (rehearsal, 1280, 1330, "light"),
}


def take(chromium: Browser, address: str) -> None:
    """Play each scene in a browser of its own size and scheme, and keep what it ends on."""
    for name, (scene, width, height, scheme) in SCENES.items():
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce",
        )
        page = context.new_page()
        scene(page, address)
        page.evaluate("document.activeElement?.blur(); scrollTo(0, 0)")
        page.screenshot(path=PICTURES / f"{name}.png")
        context.close()
        print(f"docs/pictures/{name}.png")  # noqa: T201  -- a command's answer


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    port = ports.choose()
    with tempfile.TemporaryDirectory() as folder, throwaway(ROOT / ".local" / "pictures") as addresses:
        local = Path(folder)
        variables = environment.for_site(port=port, addresses=addresses, local=local)
        site.prepare(variables, local)
        with (
            site.running(port, addresses, variables, local),
            sync_playwright() as playwright,
            playwright.chromium.launch(executable_path=browser.find(), args=ARGUMENTS) as chromium,
        ):
            take(chromium, f"http://127.0.0.1:{port}/")


if __name__ == "__main__":
    main()
