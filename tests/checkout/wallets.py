"""A pretend Apple: certificates for wallet passes, made once for all tests, and the settings that name them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

PASS_TYPE, TEAM = "pass.org.example.tickets", "A1B2C3D4E5"
BEGINS_AT, ENDS_AT = datetime(2020, 1, 1, tzinfo=UTC), datetime(2090, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Issued:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def key_pem(self) -> str:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@cache
def key(number: int) -> rsa.RSAPrivateKey:
    """One of a few keys; making one takes long."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def issue(
    subject: x509.Name, mine: rsa.RSAPrivateKey, *, by: Issued | None = None, ends_at: datetime = ENDS_AT
) -> Issued:
    """A certificate for `subject`, by another or, without one, by itself."""
    issuer, theirs = (by.certificate.subject, by.key) if by else (subject, mine)
    number = int.from_bytes(subject.public_bytes()[-8:])  # another for each, or nobody knows who has signed
    builder = x509.CertificateBuilder(issuer, subject, mine.public_key(), number, BEGINS_AT, ends_at)
    ca = x509.BasicConstraints(ca=by is None, path_length=None)
    return Issued(builder.add_extension(ca, critical=True).sign(theirs, SHA256()), mine)


def name(**parts: str) -> x509.Name:
    """`name(COMMON_NAME="Apple")`, by the names of `NameOID`."""
    return x509.Name([x509.NameAttribute(getattr(NameOID, place), text) for place, text in parts.items()])


@cache
def authority(number: int = 0) -> Issued:
    return issue(name(COMMON_NAME=f"Pretend Relations {number}"), key(number))


def pass_certificate(*, pass_type: str = PASS_TYPE, team: str = TEAM, ends_at: datetime = ENDS_AT) -> Issued:
    """As Apple makes them: the pass type is its UID, the team its OU."""
    subject = name(USER_ID=pass_type, COMMON_NAME=f"Pass Type ID: {pass_type}", ORGANIZATIONAL_UNIT_NAME=team)
    return issue(subject, key(2), by=authority(), ends_at=ends_at)


def wallet_settings(*, ends_at: datetime = ENDS_AT, **over: str) -> dict[str, str]:
    """What settings.WALLET is where passes are offered."""
    issued = pass_certificate(ends_at=ends_at)
    return {
        "WALLET_PASS_TYPE_ID": PASS_TYPE, "WALLET_TEAM_ID": TEAM, "WALLET_CERTIFICATE": issued.pem,
        "WALLET_KEY": issued.key_pem, "WALLET_INTERMEDIATE": authority().pem, **over,
    }  # fmt: skip


def soon(days: int) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)
