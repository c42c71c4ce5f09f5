"""The fake's clock: the machine's, plus an offset that a test may set."""

import time


class Clock:
    """Seconds since the epoch, shifted by `offset` seconds."""

    def __init__(self) -> None:
        self.offset = 0.0

    def now(self) -> float:
        """The time at the fake Stripe, in seconds since the epoch."""
        return time.time() + self.offset
