"""Time-stamps of RFC 3161: an authority signs that a checkpoint existed at a moment.

The one that is asked is a setting; its root certificate too, since trusting what came along with the reply would prove
nothing. The library is an extra: without it nothing else is missing.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tracker.errors import Corrupt, FetchError, SettingsError, Transient

if TYPE_CHECKING:
    from datetime import datetime

MISSING = 'The library for time-stamps is missing: install it with pip install "tracker[evidence]".'
SECONDS = 20


def available() -> bool:
    """Whether time-stamps can be asked for and checked here."""
    try:
        import rfc3161_client  # noqa: F401
    except ImportError:
        return False
    return True


def ask(message: bytes, url: str, root: str) -> tuple[bytes, str]:
    """An authority's reply over a message, checked, and the certificates in PEM by which it was checked.

    `root` is a file of certificates. Raises SettingsError where it cannot be used, Transient where the authority does
    not answer, FetchError where what it answers is no time-stamp of this message.
    """
    import httpx

    if not available():
        raise SettingsError(MISSING, "timestamp_url")
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    trusted = _read(root)
    request = TimestampRequestBuilder().data(message).hash_algorithm(HashAlgorithm.SHA256)
    asked = request.nonce(nonce=True).cert_request(cert_request=True).build()
    headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    try:
        answer = httpx.post(url, content=asked.as_bytes(), headers=headers, timeout=SECONDS, trust_env=False)
        answer.raise_for_status()
    except httpx.HTTPError as error:
        remedy = "The next run asks again: a later time-stamp covers all that came before."
        raise Transient(f"The time-stamp authority did not answer: {error}.", url, remedy) from error
    try:
        moment_of(answer.content, message, trusted, asked.nonce)
    except Corrupt as error:
        remedy = "Check `timestamp_url` and `timestamp_root`: the root must be that of this authority."
        raise FetchError(f"The answer is no time-stamp to rely on: {error.what}", url, remedy) from error
    return answer.content, trusted


def moment_of(reply: bytes, message: bytes, trusted: str, nonce: int | None = None) -> datetime:
    """When an authority says that it saw a message. Raises Corrupt where the reply does not prove that."""
    from cryptography.x509 import load_pem_x509_certificates
    from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

    try:
        response = decode_timestamp_response(reply)
        builder = VerifierBuilder(roots=load_pem_x509_certificates(trusted.encode()), nonce=nonce)
        builder.build().verify_message(response, message)
        return response.tst_info.gen_time
    except (ValueError, VerificationError) as error:
        raise Corrupt(f"A time-stamp does not hold: {error}.") from error


def _read(root: str) -> str:
    if not root:
        remedy = 'Download the authority\'s root certificate and name its file: timestamp_root = "tsa-root.pem".'
        raise SettingsError("`timestamp_url` needs `timestamp_root`.", "tracker.toml", remedy)
    try:
        from cryptography.x509 import load_pem_x509_certificates

        text = Path(root).read_text("ascii")
        load_pem_x509_certificates(text.encode())
    except (OSError, ValueError) as error:
        raise SettingsError(f"`timestamp_root` cannot be read: {error}.", root, "Name a file in PEM.") from error
    return text
