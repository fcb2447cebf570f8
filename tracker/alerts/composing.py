"""What a message says: text and HTML that say the same. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from typing import Any

from tracker.alerts import telling
from tracker.alerts.subscriptions import Subscription
from tracker.alerts.telling import Part, Site, Told
from tracker.alerts.words import words
from tracker.store.outbox import Delivery

SIGNS = {"added": "+", "removed": "−", "reworded": "±", "returned": "↺"}
NO_CHARACTER = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
NOWHERE = Site()
TYPES = {
    "correction": "terms.corrected",
    "test": "terms.test",
    "trouble": "watch.trouble",
}  # by the kind of a delivery; else "terms.changed"
LIST = "tracker changes --flagged"
# Inline for readers of mail that know nothing else; what makes a screen dark stands in the one rule that most know.
DARK = (
    "@media (prefers-color-scheme:dark){body,.page{background:#16181a!important;color:#e4e2dd!important}"
    ".label{color:#a9a69f!important}.part{border-color:#3a3d40!important}a{color:#8ab8ff!important}"
    "ins{background:#143d24!important;color:#c9f2d4!important}del{background:#4a1f1f!important;color:#ffd7d3!important}}"
)
FRAME = (
    '<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width,initial-scale=1">'
    '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">'
    "<title>{title}</title><style>:root{{color-scheme:light dark}}{dark}</style></head>"
    '<body style="margin:0;padding:0;background:#fff;color:#1c1b19"><div class="page" role="main" '
    "style=\"font-family:Georgia,'Source Serif Pro',serif;font-size:17px;line-height:1.5;max-width:640px;margin:0 auto;"
    'padding:16px;background:#fff;color:#1c1b19;overflow-wrap:anywhere">{body}</div></body></html>'
)
TITLE = "font-size:21px;line-height:1.25;margin:20px 0 4px"
RULE = '<div class="part" style="margin:24px 0 16px;border-top:1px solid #d6d2ca"></div>'
LABEL = "font-family:Verdana,Arial,sans-serif;font-size:12px;letter-spacing:.03em;color:#5d5a54"
PART = "margin:0 0 12px;padding:0 0 0 12px;border-left:3px solid #d6d2ca"
INS = "background:#d7f3dd;color:#0d3b1c;text-decoration:underline"
DEL = "background:#fbe0dd;color:#5c1510;text-decoration:line-through"


@dataclass(frozen=True, slots=True)
class Message:
    """What one receiver is sent at once. `name` is the same however often it is sent; `follows` are the names of the
    messages that it continues, the last one last; `data` the same facts for programs, `type` what sort they are."""

    name: str
    follows: tuple[str, ...]
    subject: str
    text: str
    html: str
    data: dict[str, Any]
    type: str = "terms.changed"


def name_of(deliveries: Sequence[Delivery]) -> str:
    """The name of the message that holds these deliveries: the same for the same ones."""
    parts = [f"{one.target} {one.kind} {one.alert.id} {one.alert.facts['change']}" for one in deliveries]
    return sha256("\n".join(parts).encode()).hexdigest()[:32]


def compose(name: str, deliveries: Sequence[Delivery], to: Subscription, site: Site = NOWHERE) -> Message:
    """The message for alerts that go to one receiver at once; at least one."""
    told = [
        telling.tell(one, to, site, before)
        for before, one in zip((None, *deliveries), deliveries[: to.most], strict=False)
    ]
    closing = _closing(deliveries, to, site)
    subject = _subject(deliveries, to)
    return Message(
        name,
        next((one.thread for one in deliveries if one.thread), ()),
        subject,
        "\n".join(map(_text, told)) + "\n-- \n" + "\n".join(closing) + "\n",
        _html(told, closing, subject, to.language),
        {"alerts": [_record(one) for one in deliveries]},
        TYPES.get(deliveries[0].kind, "terms.changed"),
    )


def _record(one: Delivery) -> dict[str, Any]:
    return {"occasion": one.kind, "state": one.alert.state, **one.alert.facts}


def _closing(deliveries: Sequence[Delivery], to: Subscription, site: Site) -> list[str]:
    said, rest = words(to.language), len(deliveries) - to.most
    where = f"{site.url.rstrip('/')}/changes/" if site.url and not site.embargo else LIST
    watch = deliveries[0].kind == "trouble"
    listed = [said["more"].format(rest, "tracker status" if watch else where)] if rest > 0 else []
    return [*listed, *([] if watch else [said["not done"]]), said["why"]]


def _subject(deliveries: Sequence[Delivery], to: Subscription) -> str:
    first, said, count = deliveries[0], words(to.language), len(deliveries)
    facts, mark = first.alert.facts, "terms"
    if first.kind == "trouble":
        mark = "tracker"
        found = said["troubles"].format(count) if count > 1 else f"{telling.headline(first, to)}: {facts['title']}"
    else:
        seen = said["seen"].format(telling.day(facts["window"][1], to))
        documents = len({one.alert.document for one in deliveries})
        of_all = "" if count == 1 else f"{said['clauses in one'].format(count)}, "
        of_all = f"{said['clauses'].format(count, documents)}, " if documents > 1 else of_all
        found = f"{facts['title']}: {SIGNS[facts['kind']]} {telling.shown_verdict(first, to)} ({of_all}{seen})"
    found = f"{said[first.kind]}: {found}" if first.kind in ("test", "correction") else found
    clean = " ".join(NO_CHARACTER.sub(" ", f"[{mark}] {found}").split())
    return clean if len(clean) <= 240 else f"{clean[:239]}…"


def _text(told: Told) -> str:
    parts = "\n".join(f"{part.label.upper()}\n{_indented(part.text)}" for part in told.parts)
    return f"{told.title}\n{told.verdict}\n{parts}\n".lstrip("\n")


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def _html(told: Sequence[Told], closing: Sequence[str], title: str, language: str) -> str:
    body = [
        (RULE if place else "")
        + (f'<h1 dir="auto" style="{TITLE}">{escape(one.title)}</h1>' if one.title else "")
        + f'<p dir="auto" style="margin:0 0 16px"><b>{escape(one.verdict)}</b></p>'
        + "".join(map(_part, one.parts))
        for place, one in enumerate(told)
    ]
    body += [f'<p style="font-size:14px;line-height:1.4;margin:8px 0">{escape(said)}</p>' for said in closing]
    return FRAME.format(language=language, title=escape(title), dark=DARK, body="".join(body))


def _part(part: Part) -> str:
    shown = "".join(map(_piece, part.pieces)) if part.pieces else _lines(part.text)
    if part.link.startswith(("https://", "http://")):
        shown = f'<a href="{escape(part.link)}">{shown}</a>'
    label = f'<div class="label" style="{LABEL}">{escape(part.label)}</div>'
    return f'<div class="part" style="{PART}">{label}<div dir="auto">{shown}</div></div>'


def _piece(piece: tuple[str, str]) -> str:
    sign, text = piece
    tag, style = {"+": ("ins", INS), "-": ("del", DEL)}.get(sign, ("", ""))
    return f'<{tag} style="{style}">{_lines(text)}</{tag}>' if tag else _lines(text)


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")
