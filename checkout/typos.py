"""Likely slips of the finger in an e-mail address: a hint only, the buyer may go on with what they typed."""

from typing import Final

# Mail hosts that many buyers have, long enough that a near miss is a slip and not another name. Left out:
# web.de, live.com and the like, and two-letter endings (hotmail.gr is as real as hotmail.fr).
HOSTS: Final = (
    "gmail.com", "googlemail.com", "yahoo.com", "yahoo.co.uk", "hotmail.com", "hotmail.co.uk", "outlook.com",
    "icloud.com", "protonmail.com", "fastmail.com", "btinternet.com", "comcast.net", "verizon.net",
)  # fmt: skip

# One slip away from a host above, and somebody's real address all the same.
REAL: Final = frozenset({"grail.com"})

# Slips further away, or in the first letter, which the rule below leaves alone.
SLIPS: Final = {
    "gmail": "gmail.com", "gmailcom": "gmail.com", "gmail.c": "gmail.com", "gmal.co": "gmail.com",
    "gmai.co": "gmail.com", "gmial.co": "gmail.com", "gamil.co": "gmail.com", "gmail.com.com": "gmail.com",
    "yahoo": "yahoo.com", "yahoocom": "yahoo.com", "ahoo.com": "yahoo.com",
    "hotmail": "hotmail.com", "hotmailcom": "hotmail.com", "otmail.com": "hotmail.com",
    "outlook": "outlook.com", "outlookcom": "outlook.com", "utlook.com": "outlook.com",
}  # fmt: skip

# Endings that no address on the internet has, and what was meant.
ENDINGS: Final = {
    ".con": ".com", ".cmo": ".com", ".ocm": ".com", ".comm": ".com", ".coom": ".com", ".vom": ".com",
    ".xom": ".com", ".cpm": ".com", ".clm": ".com", ".couk": ".co.uk", ".co.ku": ".co.uk", ".co.ui": ".co.uk",
    ".ogr": ".org", ".orgg": ".org", ".ner": ".net", ".nett": ".net",
}  # fmt: skip


def suggest(email: str) -> str | None:
    """The address that was probably meant, with its local part as typed; None when there is nothing to say.

    Knows the big mail hosts, one slip away (a letter too few, too many, wrong, or two swapped), and endings
    that do not exist. A domain whose first letter differs is taken to be another domain, because most words
    before "mail.com" are somebody's real host.
    """
    local, at, typed = email.strip().rpartition("@")
    domain = typed.lower()
    meant = SLIPS.get(domain) or _near(_mended_ending(domain))
    return f"{local}@{meant}" if local and at and meant != domain else None


def _mended_ending(domain: str) -> str:
    for wrong, right in ENDINGS.items():
        if domain.endswith(wrong):
            return domain.removesuffix(wrong) + right
    return domain


def _near(domain: str) -> str:
    """The host that `domain` is one slip away from, else `domain` itself."""
    if domain in HOSTS or domain in REAL:
        return domain
    return next((host for host in HOSTS if domain[:1] == host[0] and is_one_slip(domain, host)), domain)


def is_one_slip(typed: str, meant: str) -> bool:
    """Whether one letter is missing, extra or wrong, or two neighbours are swapped. Equal texts are no slip.

    This is a Damerau-Levenshtein distance (optimal string alignment) of exactly one.
    """
    if typed == meant or abs(len(typed) - len(meant)) > 1:
        return False
    shorter = min(len(typed), len(meant))
    start = next((n for n in range(shorter) if typed[n] != meant[n]), shorter)
    left, right = typed[start:], meant[start:]
    swapped = left[:2] == right[1::-1] and left[2:] == right[2:]
    return left[1:] == right[1:] or left[1:] == right or left == right[1:] or swapped
