"""Given: what a visitor brings beyond an event's address, by which its page shows them more than everybody."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from events import codes
from events.codes import CodeFacts
from events.facts import EventFacts


@dataclass(frozen=True, slots=True)
class Given:
    """The key of a secret link, and a code that can be used now. `code_text` and `problem` are a code that was tried
    and what is wrong with it. `typed` is what was chosen so far, by the name of its field.

    All but `typed` may come from the address alone; the page is then the same for all who have it.
    """

    secret: str = ""
    code: CodeFacts | None = None
    code_text: str = ""
    problem: str = ""
    is_known: bool = True
    typed: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Where, below the event, its page is when nothing was chosen."""
        if self.code_text and not self.problem:
            return f"code/{self.code_text}/"
        return f"secret/{self.secret}/" if self.secret else ""

    @property
    def poll_path(self) -> str:
        """Where an open page asks how the sale stands. A code that shows no more than the public sees leaves that as it
        is, so ten thousand codes are no more to ask for than one."""
        return self.path if self.secret or (self.code and self.code.reveals_secret) else ""

    def mark(self, at: datetime) -> str:
        """Names all that the page depends on beside the event."""
        return f"{self.secret}:{self.code.mark(at) if self.code else ''}:{self.code_text}:{self.problem}"


NOTHING: Final = Given()


def by_code(
    event: EventFacts, text: str, *, now: datetime, secret: str = "", typed: Mapping[str, str] | None = None
) -> Given:  # fmt: skip
    """What a code (as models.codes.normal_text has it) gives now, or what is wrong with it. One query when cold."""
    found = codes.find(event, text, now=now)
    trouble = found.trouble(now) if found else codes.UNKNOWN
    problem = codes.trouble_text(trouble, text, event, found) if trouble else ""
    return Given(
        secret=secret, code=None if trouble else found, code_text=text, problem=problem, is_known=found is not None,
        typed=typed or {},
    )  # fmt: skip
