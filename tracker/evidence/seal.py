"""Sealing: at the end of a run the log's root is signed, and time-stamped where an authority is set."""

from __future__ import annotations

from hashlib import sha256

from tracker.evidence import timestamp
from tracker.evidence.key import signing_key
from tracker.log import checkpoint
from tracker.log.merkle import Frontier
from tracker.settings import Settings
from tracker.store import Store, log


def seal(store: Store, options: Settings) -> bool:
    """Signs the log as it is now, if anything was appended since the last time; whether it was.

    Raises SettingsError where the key cannot be used, FetchError where an authority is set and gives no time-stamp: the
    signature is kept all the same.
    """
    last = log.last_checkpoint(store)
    tree = last.frontier if last else Frontier()
    tree.extend(log.leaves(store, tree.size))
    new = tree.size > (last.size if last else 0)
    if new:
        with store.transaction():
            log.keep_checkpoint(store, tree, _signed(store, tree))
    last = log.last_checkpoint(store)
    if last and options.timestamp_url and last.reply is None:
        reply, trusted = timestamp.ask(last.note.encode(), options.timestamp_url, options.timestamp_root)
        with store.transaction():
            log.keep_timestamp(store, last.id, reply, trusted)
    return new


def _signed(store: Store, tree: Frontier) -> str:
    """A checkpoint in the name of the log; its key is recorded when it signs for the first time."""
    key = signing_key(store.path)
    public = checkpoint.raw_public(key.public_key())
    known = log.keys(store)
    # The name is that of the first key, whichever signs later: it names the log.
    origin = known[0][0] if known else f"tracker/{sha256(public).hexdigest()[:16]}"
    if public not in [one for _, one in known]:
        log.keep_key(store, origin, public)
    return checkpoint.sign(origin, tree.size, tree.root, key)
