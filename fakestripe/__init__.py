"""An in-repo stand-in for the part of Stripe that we use, spoken to by the real SDK. No money moves.

Needs nothing but Python and knows nothing of the site. `python -m fakestripe --help`, or inside a test
`FakeStripe`.
"""

from fakestripe.errors import Refused
from fakestripe.fake import FakeStripe, Options

__all__ = ["FakeStripe", "Options", "Refused"]
