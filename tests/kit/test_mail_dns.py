"""What the doctor says of a sending domain, asked of a real DNS server on this machine."""

import socketserver
import threading
from collections.abc import Iterator

import dns.message
import dns.resolver
import dns.rrset
import pytest

from kit import mail_dns

RECORDS = {
    "good.example.": "v=spf1 include:mail.example -all",
    "_dmarc.good.example.": "v=DMARC1; p=reject",
    "key._domainkey.good.example.": "v=DKIM1; k=rsa; p=MIGf",
    "bare.example.": "some other record",
}


class Answers(socketserver.BaseRequestHandler):
    """Answers TXT questions from RECORDS, and that it knows no other name."""

    def handle(self) -> None:
        body, socket = self.request
        question = dns.message.from_wire(body)
        name = str(question.question[0].name)
        answer = dns.message.make_response(question)
        if name in RECORDS:
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", f'"{RECORDS[name]}"'))
        else:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        socket.sendto(answer.to_wire(), self.client_address)


@pytest.fixture
def resolver() -> Iterator[dns.resolver.Resolver]:
    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        asking = dns.resolver.Resolver(configure=False)
        asking.nameservers, asking.port = ["127.0.0.1"], server.server_address[1]
        yield asking
        server.shutdown()


def test_domain_with_all_records_has_no_faults(resolver: dns.resolver.Resolver) -> None:
    assert list(mail_dns.faults("good.example", dkim_selector="key", resolver=resolver)) == []


def test_domain_without_records_is_told_each_that_is_missing(resolver: dns.resolver.Resolver) -> None:
    faults = list(mail_dns.faults("bare.example", dkim_selector="key", resolver=resolver))

    assert [fault.split(":")[0] for fault in faults] == [
        "bare.example has no SPF record",
        "_dmarc.bare.example has no DMARC record",
        "key._domainkey.bare.example has no DKIM key",
    ]


def test_unknown_selector_is_said_and_not_guessed(resolver: dns.resolver.Resolver) -> None:
    faults = list(mail_dns.faults("good.example", resolver=resolver))

    assert [fault.split(" ")[0] for fault in faults] == ["EMAIL_DKIM_SELECTOR"]
