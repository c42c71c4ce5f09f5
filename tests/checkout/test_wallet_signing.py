"""Who signs wallet passes: what is believed, what is refused and in which words, and what the signature holds."""

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from pytest_django.fixtures import Settings

from checkout import wallet_signing
from checkout.management.commands import doctor
from tests.checkout.wallets import BEGINS_AT, ENDS_AT, authority, key, pass_certificate, soon, wallet_settings

CERTIFICATE_FAULT = "cannot be read: it must be one certificate as PEM text."
KEY_FAULT = "WALLET_KEY cannot be read: it must be an RSA key as PEM text, without a password."


def locked_key() -> str:
    return key(2).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")).decode()


def elliptic_key() -> str:
    made = ec.generate_private_key(ec.SECP256R1())
    return made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def test_settings_that_belong_together_make_a_signer() -> None:
    given = wallet_settings()

    signer = wallet_signing.signer(given, at=soon(0))

    assert wallet_signing.faults(given) == []
    assert signer is not None
    assert (signer.pass_type_id, signer.team_id, signer.ends_at) == ("pass.org.example.tickets", "A1B2C3D4E5", ENDS_AT)


@pytest.mark.parametrize("given", [{}, dict.fromkeys(wallet_signing.NAMES, "")], ids=["nothing", "empty"])
def test_nothing_set_is_no_fault_and_no_signer(given: dict[str, str]) -> None:
    assert wallet_signing.faults(given) == []
    assert wallet_signing.signer(given, at=soon(0)) is None


@pytest.mark.parametrize("missing", wallet_signing.NAMES)
def test_half_set_is_a_fault(missing: str) -> None:
    given = wallet_settings() | {missing: ""}

    assert wallet_signing.faults(given) == [
        f"{missing} is not set: wallet passes need all of {', '.join(wallet_signing.NAMES)}."
    ]
    assert wallet_signing.signer(given, at=soon(0)) is None


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("WALLET_CERTIFICATE", "nonsense", f"WALLET_CERTIFICATE {CERTIFICATE_FAULT}"),
        ("WALLET_INTERMEDIATE", "-----BEGIN CERTIFICATE-----\nQQ==\n", f"WALLET_INTERMEDIATE {CERTIFICATE_FAULT}"),
        ("WALLET_KEY", "nonsense", KEY_FAULT),
        ("WALLET_KEY", locked_key(), KEY_FAULT),
        ("WALLET_KEY", elliptic_key(), KEY_FAULT),
        ("WALLET_KEY", pass_certificate().pem, KEY_FAULT),
        ("WALLET_KEY", authority().key_pem, "WALLET_KEY is not the key of WALLET_CERTIFICATE."),
        (
            "WALLET_INTERMEDIATE",
            authority(1).pem,
            "WALLET_INTERMEDIATE did not issue WALLET_CERTIFICATE: that was CN=Pretend Relations 0.",
        ),
        (
            "WALLET_PASS_TYPE_ID",
            "pass.org.example.other",
            "WALLET_PASS_TYPE_ID is pass.org.example.other, and WALLET_CERTIFICATE is for pass.org.example.tickets.",
        ),
        ("WALLET_TEAM_ID", "ZZZZZZZZZZ", "WALLET_TEAM_ID is ZZZZZZZZZZ, and WALLET_CERTIFICATE is for A1B2C3D4E5."),
    ],
    ids=[
        "certificate", "intermediate", "key", "locked key", "elliptic key", "certificate for key", "other key",
        "other intermediate", "other pass type", "other team",
    ],
)  # fmt: skip
def test_what_cannot_sign_is_a_fault_in_words(name: str, text: str, fault: str) -> None:
    given = wallet_settings() | {name: text}

    assert wallet_signing.faults(given) == [fault]
    assert wallet_signing.signer(given, at=soon(0)) is None


def test_no_fault_tells_a_secret() -> None:
    given = wallet_settings(WALLET_KEY=key(1).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())

    told = " ".join(wallet_signing.faults(given))

    assert "PRIVATE" not in told
    assert not any(line in told for line in given["WALLET_KEY"].splitlines() if line)


def test_certificate_signs_within_its_time_only() -> None:
    given = wallet_settings()

    assert wallet_signing.signer(given, at=BEGINS_AT) is not None
    assert wallet_signing.signer(given, at=BEGINS_AT - timedelta(seconds=1)) is None
    assert wallet_signing.signer(given, at=ENDS_AT - timedelta(seconds=1)) is not None
    assert wallet_signing.signer(given, at=ENDS_AT) is None
    assert wallet_signing.faults(given) == []


def test_openssl_verifies_the_signature_and_finds_its_time(tmp_path: Path) -> None:
    signer = wallet_signing.read(wallet_settings())
    assert signer is not None
    (tmp_path / "manifest.json").write_bytes(b'{"pass.json": "x"}\r\n\n')
    (tmp_path / "signature").write_bytes(signer.sign(b'{"pass.json": "x"}\r\n\n'))
    (tmp_path / "root.pem").write_text(authority().pem)

    verified = openssl(
        tmp_path, "cms", "-verify", "-binary", "-inform", "DER", "-in", "signature", "-content", "manifest.json",
        "-CAfile", "root.pem", "-purpose", "any", "-out", "content",
    )  # fmt: skip
    printed = openssl(tmp_path, "cms", "-cmsout", "-print", "-inform", "DER", "-in", "signature")

    assert verified.returncode == 0, verified.stderr
    assert "signingTime" in printed.stdout
    assert (printed.stdout.count("d.certificate:"), "eContent: <ABSENT>" in printed.stdout) == (2, True)
    (tmp_path / "manifest.json").write_bytes(b'{"pass.json": "y"}')
    assert openssl(
        tmp_path, "cms", "-verify", "-binary", "-inform", "DER", "-in", "signature", "-content", "manifest.json",
        "-CAfile", "root.pem", "-purpose", "any", "-out", "content",
    ).returncode != 0  # fmt: skip


def openssl(where: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["openssl", *words], cwd=where, capture_output=True, text=True, check=False)  # noqa: S603, S607  -- our own words; on the path wherever there is TLS


@pytest.mark.parametrize(("days", "told"), [(31, []), (29, ["ends"]), (-1, ["ends"])])
def test_doctor_speaks_up_before_the_certificate_ends(settings: Settings, days: int, told: list[str]) -> None:
    ends_at = soon(days)
    settings.WALLET = wallet_settings(ends_at=ends_at)
    words = f"WALLET_CERTIFICATE is not valid after {ends_at:%Y-%m-%d}: no passes are offered then. Renew it."

    assert list(doctor.wallet_passes()) == [words for _ in told]


def test_doctor_names_what_cannot_sign_and_leaves_nothing_set_alone(settings: Settings) -> None:
    settings.WALLET = wallet_settings(WALLET_KEY="nonsense")
    assert list(doctor.CHECKS["wallet passes"]()) == [KEY_FAULT]

    settings.WALLET = {}
    assert list(doctor.CHECKS["wallet passes"]()) == []
