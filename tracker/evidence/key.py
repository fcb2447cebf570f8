"""The key that signs checkpoints: an owner-only file beside the archive, made when it is first needed."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from tracker.errors import SettingsError


def key_file(archive: Path) -> Path:
    """Where the key of an archive is."""
    return archive.resolve().with_name(f"{archive.resolve().name}.key")


def signing_key(archive: Path) -> Ed25519PrivateKey:
    """The key of an archive, made where there is none. Raises SettingsError where the file cannot be used."""
    path = key_file(archive)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        return _loaded(path)
    except OSError as error:
        remedy = "Check the rights of the folder: the log's checkpoints are signed with this key."
        raise SettingsError(f"The signing key cannot be made: {error.strerror}.", str(path), remedy) from error
    key = Ed25519PrivateKey.generate()
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        file.flush()
        os.fsync(file.fileno())
    return key


def _loaded(path: Path) -> Ed25519PrivateKey:
    try:
        if path.stat().st_mode & 0o077:
            what = "Others than its owner may read the signing key."
            raise SettingsError(what, str(path), f"Run: chmod 600 {path}")
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        remedy = "Put the right file back; or move it away, then a new key is made and the change of keys is plain."
        raise SettingsError(f"The signing key cannot be read: {error}.", str(path), remedy) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SettingsError("The signing key is no Ed25519 key.", str(path), "Put the right file back.")
    return key
