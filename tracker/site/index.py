"""The search index of the static site: every clause in force, and every one that ever was, as Pagefind wants them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from html import escape
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from tracker.errors import TrackerError
from tracker.model import Document
from tracker.render import LANGUAGE
from tracker.site.folder import File
from tracker.store import Store
from tracker.views import entries, finding
from tracker.views.runs import visible

# The last version that holds each clause of a document, and when it first stood there; one row for each wording.
CLAUSES = (
    "with held as (select v.id as version, v.at, w.position, k.id, k.key, k.text, k.language, k.kind from version v "
    "join document d on d.id = v.document_id join version_clause w on w.version_id = v.id "
    "join clause k on k.id = w.clause_id where d.slug = ?), last as (select key, max(at) as last, min(at) as first "
    "from held group by key) select h.*, l.first, (select json_group_array(distinct f.topic || ':' || "
    "coalesce(f.stance, '')) from flag f where f.clause_id = h.id) as flags from held h join last l on l.key = h.key "
    "and l.last = h.at where h.kind <> 'code' group by h.key, h.at order by h.at desc, h.position"
)

STATE = {"now": "statenowx", "ever": "stateeverx"}


def available() -> bool:
    """Whether what builds the index is installed."""
    return bool(find_spec("pagefind") and find_spec("pagefind_bin"))


def build(store: Store, documents: list[Document]) -> Iterator[File]:
    """The files of the index, under "pagefind/". Raises TrackerError where the indexer fails."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        for number, document in enumerate(documents):
            for state, html in _texts(store, document):
                page = root / "site" / f"{number}-{state}.html"
                page.parent.mkdir(exist_ok=True)
                page.write_text(html, "utf-8", "replace")
        if (root / "site").is_dir():
            _run(root)
            for path in sorted(root.rglob("pagefind/**/*")):
                if path.is_file() and path.suffix not in (".css",) and "-ui" not in path.name:
                    yield f"pagefind/{path.relative_to(root / 'site' / 'pagefind').as_posix()}", path.read_bytes()


def _run(root: Path) -> None:
    command = [sys.executable, "-m", "pagefind", "--site", str(root / "site"), "--force-language", "en", "--quiet"]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=3600, cwd=root)
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", b"") or b""
        what = f"The search index could not be built: {said.decode('utf-8', 'replace').strip()[-300:] or error}"
        remedy = "Build again; without the package `pagefind` the site is built without an index."
        raise TrackerError(what, "pagefind", remedy) from error


def _texts(store: Store, document: Document) -> Iterator[tuple[str, str]]:
    """What is in force of a document, and what is not any more, each as a page that is only ever indexed."""
    rows = store.rows(CLAUSES, document.id)
    newest = max((row["at"] for row in rows), default="")
    for state, own in (
        ("now", [row for row in rows if row["at"] == newest]),
        ("ever", [row for row in rows if row["at"] != newest]),
    ):
        if own:
            yield state, _page(document, state, own)


def _page(document: Document, state: str, rows: list[dict]) -> str:
    folder = entries.address(document.id).strip("/")
    language = next((row["language"] for row in rows if row["language"]), "")
    meta = {
        "platform": visible(document.platform),
        "terms": visible(document.terms_type),
        "folder": folder,
        "state": state,
        "lang": language if LANGUAGE.fullmatch(language) else "",
    }
    head = "".join(f'<p data-pagefind-meta="{name}">{escape(value)}</p>' for name, value in meta.items())
    # Words that nobody writes stand in for Pagefind's filters, whose files differ from run to run.
    body = f"<p>{STATE[state]} {finding.token(document.platform_id)}</p>" + "".join(map(_clause, rows))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(meta["platform"])}</title></head>'
        f"<body><div data-pagefind-ignore>{head}</div><main data-pagefind-body>{body}</main></body></html>"
    )


def _clause(row: dict) -> str:
    when = "".join(sign for sign in row["at"] if sign.isdigit())
    version = f"{when[:4]}-{when[4:6]}-{when[6:8]}-{when[8:14]}"
    flags = ",".join(json.loads(row["flags"]))
    anchor = f"{entries.anchor(row['key'])}|{version}|{row['first'][:10]}|{flags}"
    return f'<p id="{escape(anchor)}">{escape(visible(row["text"]))}</p>'
