"""What is seen of a rehearsal while it runs: a line of progress, and whether it should stop itself. Pure."""

from collections import deque
from collections.abc import Mapping
from typing import Any, Final

WINDOW: Final = 5  # seconds
MOST_ERRORS: Final = 0.05  # of the visitors of a window
FEWEST: Final = 20  # errors in a window; fewer are no reason to stop
WIDTH: Final = 24


def line(progress: Mapping[str, Any], *, expected: int, seconds: float) -> str:
    """`[######      ] 12 s  340 of 500 arrived  120 holds  80 sold  0 errors`; before it what is being done, if that is
    said, with its own number of visitors and seconds."""
    expected, seconds = int(progress.get("expected") or expected), float(progress.get("seconds") or seconds)
    doing = f"{progress['doing']}  " if progress.get("doing") else ""
    done = min(1.0, float(progress.get("second") or 0) / max(seconds, 1.0))
    bar = "#" * round(done * WIDTH)
    counts = "  ".join(f"{int(progress.get(name) or 0)} {name}" for name in ("holds", "sold", "errors"))
    arrived = f"{int(progress.get('arrived') or 0)} of {expected} arrived"
    return f"{doing}[{bar:<{WIDTH}}] {int(progress.get('second') or 0)} s  {arrived}  {counts}"


class Watch:
    """Told of each second's progress (totals so far), says when errors have been too many for five seconds."""

    def __init__(self) -> None:
        self._seen: deque[tuple[int, int]] = deque([(0, 0)], maxlen=WINDOW + 1)

    def too_much(self, progress: Mapping[str, Any]) -> str:
        """Why to stop now, or nothing."""
        self._seen.append((int(progress.get("arrived") or 0), int(progress.get("errors") or 0)))
        if len(self._seen) <= WINDOW:
            return ""
        (had_arrived, had_errors), (arrived, errors) = self._seen[0], self._seen[-1]
        failed, came = errors - had_errors, max(arrived - had_arrived, 1)
        if failed < FEWEST or failed <= MOST_ERRORS * came:
            return ""
        return f"{failed} errors of {came} visitors within {WINDOW} seconds."
