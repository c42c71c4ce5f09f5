"""The ways of looking at the site that journeys are taken in."""

from typing import Final, get_args

from tests.browser.visitor import HEIGHTS, Look, Scheme

# Free and paid go through all of these. Every other journey goes through DIFFERENT: it is the same pages in other
# states, and between them these three have each size, each scheme, and JavaScript off where there is least room.
ALL: Final = [
    Look(width, scheme, scripts) for width in HEIGHTS for scheme in get_args(Scheme) for scripts in (True, False)
]
DIFFERENT: Final = [Look(320, "dark", scripts=False), Look(320, "light"), Look(1280, "dark")]
