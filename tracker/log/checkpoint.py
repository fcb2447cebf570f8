"""Signed checkpoints: what the log's root was at a size, in the C2SP formats tlog-checkpoint and signed-note.

tracker/41e5…                           the log
2944                                    how many leaves
IbxfEwG6UFceaiWNa33+edDTTP/psvsJuuP3…   the root, in base 64

— tracker/41e5… Iar28GXaVFg0HQYCLPjY…   four bytes that name the key, and an Ed25519 signature of the lines above
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ED25519 = b"\x01"
SIGNED_BY = "\u2014 "  # an em dash begins each line of a signature


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a checkpoint says, and the signature bytes by key id (four bytes)."""

    origin: str
    size: int
    root: bytes
    signatures: tuple[tuple[str, bytes, bytes], ...] = ()  # name, key id, signature

    @property
    def body(self) -> bytes:
        """The bytes that are signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n".encode()


def sign(origin: str, size: int, root: bytes, key: Ed25519PrivateKey) -> str:
    """The text of a checkpoint, signed in the name of the log."""
    found = Checkpoint(origin, size, root)
    signature = key_id(origin, raw_public(key.public_key())) + key.sign(found.body)
    return f"{found.body.decode()}\n{SIGNED_BY}{origin} {b64encode(signature).decode()}\n"


def parse(note: str) -> Checkpoint:
    """What the text of a checkpoint says; its signatures are not looked at yet. Raises ValueError."""
    body, _, signed = note.partition("\n\n")
    lines = body.split("\n")
    if len(lines) < 3 or not lines[0] or not note.endswith("\n"):
        raise ValueError("it has no origin, size and root")
    if not (lines[1].isascii() and lines[1].isdigit()) or str(int(lines[1])) != lines[1] or len(lines) > 3:
        raise ValueError("its size is no number, or more is said than origin, size and root")
    root = _bytes(lines[2])
    if len(root) != 32:
        raise ValueError("its root is no SHA-256")
    return Checkpoint(lines[0], int(lines[1]), root, tuple(_signature(line) for line in signed.splitlines()))


def signed_by(found: Checkpoint, public: bytes) -> bool:
    """Whether one of the signatures is that of this Ed25519 key."""
    wanted = key_id(found.origin, public)
    for name, key, signature in found.signatures:
        if name == found.origin and key == wanted:
            try:
                Ed25519PublicKey.from_public_bytes(public).verify(signature, found.body)
            except InvalidSignature:
                continue
            return True
    return False


def key_id(name: str, public: bytes) -> bytes:
    """The four bytes by which a signature names its key."""
    return sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


def verifier_key(name: str, public: bytes) -> str:
    """A public key as tools for transparency logs write it: name, key id, and key in base 64."""
    return f"{name}+{key_id(name, public).hex()}+{b64encode(ED25519 + public).decode()}"


def raw_public(key: Ed25519PublicKey) -> bytes:
    """The 32 bytes of a public key."""
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def pem(public: bytes) -> str:
    """A public key as OpenSSL reads it."""
    key = Ed25519PublicKey.from_public_bytes(public)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _signature(line: str) -> tuple[str, bytes, bytes]:
    name, _, coded = line.removeprefix(SIGNED_BY).rpartition(" ")
    raw = _bytes(coded)
    if not line.startswith(SIGNED_BY) or not name or len(raw) < 5:
        raise ValueError("a line of a signature cannot be read")
    return name, raw[:4], raw[4:]


def _bytes(coded: str) -> bytes:
    try:
        raw = b64decode(coded, validate=True)
    except binascii.Error as error:
        raise ValueError("it holds something that is no base 64") from error
    if b64encode(raw).decode() != coded:
        raise ValueError("it holds base 64 in another spelling")
    return raw
