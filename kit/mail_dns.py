"""Whether the sending domain's DNS lets mail through: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489)."""

from collections.abc import Iterator

import dns.resolver
from dns.exception import DNSException


def faults(domain: str, *, dkim_selector: str = "", resolver: dns.resolver.Resolver | None = None) -> Iterator[str]:
    """What is missing for mail from `domain`, in words; nothing when all is there. Asks DNS, a few seconds at most."""
    ask = resolver or dns.resolver.Resolver()
    ask.lifetime = 5
    if not _has(ask, domain, "v=spf1"):
        yield f"{domain} has no SPF record: add a TXT record that starts with v=spf1 and names your mail server."
    if not _has(ask, f"_dmarc.{domain}", "v=DMARC1"):
        yield f"_dmarc.{domain} has no DMARC record: add a TXT record such as v=DMARC1; p=quarantine."
    if not dkim_selector:
        yield "EMAIL_DKIM_SELECTOR is not set, so the DKIM key cannot be checked: ask your mail provider for its name."
    elif not _has(ask, f"{dkim_selector}._domainkey.{domain}", "p="):
        yield f"{dkim_selector}._domainkey.{domain} has no DKIM key: add the TXT record that your mail provider gives."


def _has(ask: dns.resolver.Resolver, name: str, wanted: str) -> bool:
    """Whether a TXT record of `name` holds `wanted`. No answer counts as no record: mail servers see it the same."""
    try:
        answers = ask.resolve(name, "TXT")
    except DNSException:
        return False
    return any(wanted in b"".join(answer.strings).decode("ascii", "replace") for answer in answers)
