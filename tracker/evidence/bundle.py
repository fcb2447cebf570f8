"""Evidence of a change to hand out: files that prove by themselves what was captured, and that nobody altered it since.

Checking it needs no tracker: `verify.sh` asks for sha256sum, openssl and Python's standard library.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice

from tracker import pages, render
from tracker.errors import Corrupt, NotFound
from tracker.log import checkpoint, leaves, merkle
from tracker.model import ChangeRecord, Version
from tracker.rules import RuleSet
from tracker.settings import bundled
from tracker.store import Store, derived, log, looked

Files = dict[str, bytes]
SUMS = "SHA256SUMS"


@dataclass(frozen=True, slots=True)
class Record:
    """A record of the log: its bytes, its row's kind and number, and the file of the body that it names, if any."""

    name: str
    kind: str
    row: int
    said: bytes
    body: str = ""
    declaration: str = ""


def bundle(store: Store, name: str, rules: RuleSet, base_url: str = "") -> Files:
    """The files of the evidence of a change, by name. Raises NotFound, also where the log was not signed since."""
    change = derived.change(store, name)
    files: Files = {}
    records = [record for side in ("before", "after") for record in _side(store, change, side, files)]
    records += _checks(store, change)
    sealed = _covering(store, records)
    hashes = list(islice(log.leaves(store), sealed.size))
    entries = [_entry(store, record, hashes) for record in records]
    files |= {f"records/{record.name}.json": record.said for record in records}
    files["proof.json"] = _json({"size": sealed.size, "root": merkle.root(hashes).hex(), "records": entries})
    files["checkpoint.txt"] = sealed.note.encode()
    files["log-key.pem"] = checkpoint.pem(_signer(store, sealed)).encode()
    if sealed.reply is not None:
        files |= {"checkpoint.tsr": sealed.reply, "authority.pem": sealed.trusted.encode()}
    files |= {f"page/{file}": content for file, content in _page(store, change, rules, base_url)}
    folder = bundled("data") / "evidence"
    files |= {file: (folder / file).read_bytes() for file in ("verify.sh", "verify.py")}
    files["README.md"] = _readme(change, sealed, base_url).encode()
    files[SUMS] = "".join(f"{sha256(files[file]).hexdigest()}  {file}\n" for file in sorted(files)).encode()
    return files


def _side(store: Store, change: ChangeRecord, side: str, files: Files) -> Iterator[Record]:
    """The captures that a version was read from, with its text, its declaration and its bytes."""
    version: Version = getattr(change, side)
    files[f"{side}/text.md"] = derived.text_of(store, version.id).encode("utf-8", "surrogatepass")
    for number, row in enumerate(version.captures, 1):
        capture = store.capture(row)
        body, declared = f"{side}/capture-{number}.raw", f"{side}/declaration-{number}.json"
        files[body] = store.raw(row)
        said = store.row("select body from declaration where sha256 = ?", capture.declaration)
        files[declared] = said["body"].encode() if said else b""
        yield Record(f"{side}-capture-{number}", "capture", row, leaves.captured(capture), body, declared)


def _checks(store: Store, change: ChangeRecord) -> Iterator[Record]:
    """The two checks that are the window: the last that showed the text before, the first that showed the one after."""
    last = store.row(
        'select max(c.id) as id from "check" c join reading r on r.check_id = c.id where r.version_id = ? and c.at = ?',
        *(change.before.id, f"{change.window.start:%Y-%m-%dT%H:%M:%SZ}" if change.window.start else ""),
    )
    found = (("before", last["id"] if last else None), ("after", change.after.check))
    for side, number in found:
        row = store.row(f"{looked.CHECK} where c.id = ?", number)
        if row:
            yield Record(f"{side}-check", "check", number, leaves.checked(looked.check(row), json.loads(row["leaves"])))


def _covering(store: Store, records: Sequence[Record]) -> log.Kept:
    """The newest checkpoint with a time-stamp that covers all records; else the newest that covers them."""
    needed = 1 + max(log.place_of(store, record.kind, record.row) for record in records)
    covering = [one for one in log.checkpoints(store) if one.size >= needed]
    if not covering:
        remedy = "Run `tracker check`: every run that writes signs the log in the end."
        raise NotFound("The log was not signed since this change was seen.", "", remedy)
    return next((one for one in covering if one.reply is not None), covering[-1])


def _entry(store: Store, record: Record, hashes: Sequence[bytes]) -> dict[str, object]:
    place = log.place_of(store, record.kind, record.row)
    if merkle.leaf_hash(record.said) != hashes[place]:
        where, remedy = f"{record.kind} {record.row}", "Run `tracker verify`: it names all that was altered."
        raise Corrupt("A record is not what the log holds: this would prove nothing.", where, remedy)
    path = [step.hex() for step in merkle.inclusion(hashes, place)]
    found = {"record": f"records/{record.name}.json", "index": place, "path": path}
    return found | ({"body": record.body, "declaration": record.declaration} if record.body else {})


def _signer(store: Store, sealed: log.Kept) -> bytes:
    said = checkpoint.parse(sealed.note)
    for _, public in log.keys(store):
        if checkpoint.signed_by(said, public):
            return public
    raise NotFound("No key of this archive signed this checkpoint.", f"checkpoint {sealed.id}", "Run `tracker verify`.")


def _page(store: Store, change: ChangeRecord, rules: RuleSet, base_url: str) -> Iterator[tuple[str, bytes]]:
    """The page of the change as the site has it, with what it needs to look the same."""
    edition = pages.Edition(store, rules, base_url)
    address = pages.entries.change_page(change.id)
    found = pages.find(edition, address)
    yield f"{address}index.html", render.page(found.template, found.values, address)
    yield f"{address}index.json", render.twin(found.values)
    yield from ((f"assets/{name}", body) for name, body in render.assets().items())


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode()


def _readme(change: ChangeRecord, sealed: log.Kept, base_url: str) -> str:
    text = (bundled("data") / "evidence" / "README.md").read_text("utf-8")
    window = f"after {change.window.start:%Y-%m-%d %H:%M:%S} UTC" if change.window.start else "at an unknown time"
    said = {
        "change": change.id,
        "platform": change.document.platform,
        "document": change.document.terms_type,
        "window": f"{window} and by {change.window.end:%Y-%m-%d %H:%M:%S} UTC",
        "origin": checkpoint.parse(sealed.note).origin,
        "size": str(sealed.size),
        "page": f"page/{pages.entries.change_page(change.id)}index.html",
        "published": f"{base_url.rstrip('/')}/log/checkpoint.txt" if base_url else "the site of whoever runs it",
        "stamped": "checkpoint.tsr" if sealed.reply is not None else "none here",
    }
    for name, value in said.items():
        text = text.replace("{" + name + "}", value)
    return text
