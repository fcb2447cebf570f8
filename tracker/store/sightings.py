"""The SQL of seeing a document again as it was seen last: no text is opened for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from tracker.model import Verdict
from tracker.store.truths import Store


@dataclass(frozen=True, slots=True)
class Sighting:
    """What the last check of a document that brought captures showed."""

    check: int
    verdict: Verdict
    reasons: str
    hashes: tuple[str, ...]  # SHA-256 of the bytes in view, in hex
    derived_by: str
    skim: bytes | None  # see `extract.skim`

    @property
    def waits(self) -> bool:
        """Whether the next check may confirm what this one showed; it must be read then."""
        return self.verdict is Verdict.SUSPECT or "language" in self.reasons.split(", ")

    def is_of(self, hashes: Sequence[str], skim: bytes | None) -> bool:
        """Whether bytes with these hashes, or with this skim, must show the same again."""
        if self.waits:
            return False
        settled = self.verdict is Verdict.GOOD and not self.reasons
        return tuple(hashes) == self.hashes or (settled and skim is not None and skim == self.skim)


def last(store: Store, document: str) -> Sighting | None:
    """The last sighting of a document, None where it was never read."""
    row = store.row(
        "select r.check_id, r.verdict, r.reasons, d.derived_by, s.hash as skim, "
        "(select json_group_array(lower(hex(sha256))) from (select b.sha256 from check_capture v "
        "join capture k on k.id = v.capture_id join blob b on b.id = k.blob_id where v.check_id = r.check_id "
        "order by v.position)) as hashes "
        'from document d join "check" c on c.document_id = d.id join reading r on r.check_id = c.id '
        "left join skim s on s.document_id = d.id and s.check_id = r.check_id where d.slug = ? "
        "order by c.at desc, c.id desc limit 1",
        document,
    )
    if row is None:
        return None
    hashes = tuple(json.loads(row["hashes"]))
    return Sighting(row["check_id"], Verdict(row["verdict"]), row["reasons"], hashes, row["derived_by"], row["skim"])


def keep_again(store: Store, before: Sighting, check: int) -> None:
    """Records that a check showed what an earlier one did; inside a transaction."""
    store.db.execute(
        "insert into reading (check_id, verdict, reasons, message, version_id, stated_date, effective_date) "
        "select ?, verdict, reasons, message, version_id, stated_date, effective_date from reading where check_id = ?",
        (check, before.check),
    )


def keep_skim(store: Store, document: int, check: int, skim: bytes) -> None:
    """Remembers the skim of what a check showed, in place of the one before; inside a transaction."""
    store.add("skim", replace=True, document_id=document, check_id=check, hash=skim)
