"""How pages are cited: in plain text, as BibTeX and as CSL-JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tracker.model import ChangeRecord
from tracker.views import entries
from tracker.views.runs import visible

Values = dict[str, Any]


def change(record: ChangeRecord, permalink: str, before: str, after: str) -> Values:
    """How to cite a change: in plain text, as BibTeX and as CSL-JSON."""
    platform, terms = visible(record.document.platform), visible(record.document.terms_type)
    end = f"{record.window.end:%-d %B %Y %H:%M} UTC"
    start = record.window.start
    seen = f"between {start:%-d %B %Y %H:%M} and {end}" if start else f"by {end}"
    headline = entries.headline(record)
    place = f" {permalink}" if permalink else f" Change {record.id}."
    plain = (
        f"{platform}, “{terms}”, change first seen {seen}: {headline}. "
        f"Capture before SHA-256 {before}, after SHA-256 {after}.{place}"
    )
    name = "".join(character if character.isascii() and character.isalnum() else "-" for character in record.id)
    fields = {
        "author": f"{{{_tex(platform)}}}",
        "title": f"{_tex(terms)}: {_tex(headline)}",
        "year": f"{record.at:%Y}",
        "month": f"{record.at:%b}".lower(),
        "note": f"Change first seen {seen}. Capture before SHA-256 {before}, after SHA-256 {after}",
        **({"url": permalink} if permalink else {}),
    }
    lines = [f"  {field} = {{{value}}}" for field, value in fields.items()]
    return {
        "plain": plain,
        "bibtex": "@misc{" + name + ",\n" + ",\n".join(lines) + "\n}",
        "csl": {
            "id": record.id,
            "type": "webpage",
            "title": f"{terms}: {headline}",
            "author": [{"literal": platform}],
            "container-title": "Terms change log",
            "issued": {"date-parts": [[record.at.year, record.at.month, record.at.day]]},
            "note": fields["note"],
            **({"URL": permalink} if permalink else {}),
        },
        "permalink": permalink,
    }


def everything(changes: int, documents: int, latest: datetime | None, base_url: str) -> Values:
    """How to cite the whole."""
    until = f", as of {latest:%-d %B %Y}" if latest else ""
    place = f" {base_url}" if base_url else ""
    plain = f"Terms change log: {changes:,} changes of {documents:,} documents{until}.{place}"
    fields = {"title": "Terms change log", "note": f"{changes:,} changes of {documents:,} documents{until}"}
    if latest:
        fields["year"] = f"{latest:%Y}"
    if base_url:
        fields["url"] = base_url
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    return {"plain": plain, "bibtex": f"@misc{{terms-change-log,\n{lines}\n}}"}


_TEX = str.maketrans({"\\": r"\textbackslash{}", **{sign: f"\\{sign}" for sign in "{}%$&#_"}})


def _tex(text: str) -> str:
    return text.translate(_TEX)
