"""Who signs our wallet passes: an operator's certificate from Apple, read from the settings and looked at closely.

Apple's devices refuse a pass that is signed wrongly without saying why, so every fault that can be told beforehand is
told in words, by production's settings and by the doctor. Knows no models, so that settings can ask.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder
from cryptography.x509.oid import NameOID

NAMES: Final = (
    "WALLET_PASS_TYPE_ID", "WALLET_TEAM_ID", "WALLET_CERTIFICATE", "WALLET_KEY", "WALLET_INTERMEDIATE",
)  # fmt: skip


class Unusable(Exception):
    """Something is set, and no pass can be signed with it. `faults` says why, in words for an operator."""

    def __init__(self, *faults: str) -> None:
        super().__init__(" ".join(faults))
        self.faults = list(faults)


@dataclass(frozen=True, slots=True)
class Signer:
    """A pass type with what proves that it is ours."""

    pass_type_id: str
    team_id: str
    certificate: x509.Certificate
    key: RSAPrivateKey
    intermediate: x509.Certificate

    @property
    def ends_at(self) -> datetime:
        return self.certificate.not_valid_after_utc

    def is_valid(self, *, at: datetime) -> bool:
        return self.certificate.not_valid_before_utc <= at < self.ends_at

    def sign(self, manifest: bytes) -> bytes:
        """A detached PKCS #7 signature (DER) with both certificates and, as a signed attribute, the time of signing."""
        builder = PKCS7SignatureBuilder().set_data(manifest).add_signer(self.certificate, self.key, SHA256())
        options = [PKCS7Options.DetachedSignature, PKCS7Options.Binary, PKCS7Options.NoCapabilities]
        return builder.add_certificate(self.intermediate).sign(Encoding.DER, options)


def read(given: Mapping[str, str]) -> Signer | None:
    """The signer of these settings, by name; None when nothing is set. Raises Unusable."""
    missing = [name for name in NAMES if not given.get(name)]
    if len(missing) == len(NAMES):
        return None
    if missing:
        raise Unusable(*(f"{name} is not set: wallet passes need all of {', '.join(NAMES)}." for name in missing))
    return _loaded(*(given[name].strip() for name in NAMES))


def faults(given: Mapping[str, str]) -> list[str]:
    """Why no pass can be signed though something is set; nothing when all is well or nothing is set."""
    try:
        read(given)
    except Unusable as unusable:
        return unusable.faults
    return []


def signer(given: Mapping[str, str], *, at: datetime) -> Signer | None:
    """Who signs passes at that time, or None: then none are offered, because no telephone would take them."""
    try:
        found = read(given)
    except Unusable:
        return None
    return found if found and found.is_valid(at=at) else None


@lru_cache(maxsize=8)
def _loaded(pass_type_id: str, team_id: str, certificate: str, key: str, intermediate: str) -> Signer:
    made = Signer(
        pass_type_id, team_id, _certificate("WALLET_CERTIFICATE", certificate), _key(key),
        _certificate("WALLET_INTERMEDIATE", intermediate),
    )  # fmt: skip
    if found := _disagreements(made):
        raise Unusable(*found)
    return made


def _certificate(name: str, text: str) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(text.encode())
    except ValueError as fault:
        raise Unusable(f"{name} cannot be read: it must be one certificate as PEM text.") from fault


def _key(text: str) -> RSAPrivateKey:
    unreadable = Unusable("WALLET_KEY cannot be read: it must be an RSA key as PEM text, without a password.")
    try:
        key = load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as fault:
        raise unreadable from fault
    if not isinstance(key, RSAPrivateKey):
        raise unreadable
    return key


def _disagreements(made: Signer) -> list[str]:
    """What does not belong together. Apple writes the pass type into a certificate's UID and the team into its OU."""
    named = {
        "WALLET_PASS_TYPE_ID": (made.pass_type_id, NameOID.USER_ID),
        "WALLET_TEAM_ID": (made.team_id, NameOID.ORGANIZATIONAL_UNIT_NAME),
    }
    found = []
    for name, (given, place) in named.items():
        certified = [str(attribute.value) for attribute in made.certificate.subject.get_attributes_for_oid(place)]
        if given not in certified:
            found.append(f"{name} is {given}, and WALLET_CERTIFICATE is for {', '.join(certified) or 'no such thing'}.")
    if made.certificate.public_key() != made.key.public_key():
        found.append("WALLET_KEY is not the key of WALLET_CERTIFICATE.")
    try:
        made.certificate.verify_directly_issued_by(made.intermediate)
    except (ValueError, TypeError, InvalidSignature):
        issuer = made.certificate.issuer.rfc4514_string()
        found.append(f"WALLET_INTERMEDIATE did not issue WALLET_CERTIFICATE: that was {issuer}.")
    return found
