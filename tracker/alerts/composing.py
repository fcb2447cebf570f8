"""What a message says: text and HTML that say the same. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from typing import Any

from tracker.store.outbox import Delivery
from tracker.views.entries import anchor, change_page

IN_FULL = 10  # alerts of one message that are told in full; the others by number
SIGNS = {"added": "+", "removed": "−", "reworded": "±"}
NO_CHARACTER = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
STYLE = "font-family:Georgia,serif;font-size:16px;line-height:1.5;max-width:40em;margin:0 auto;padding:12px"
FRAME = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    '<meta name="color-scheme" content="light dark"><title>Alert</title></head>'
    '<body style="color-scheme:light dark"><div style="{style}">{body}</div></body></html>'
)
QUOTE = "margin:4px 0 12px;padding:4px 12px;border-left:4px solid #777;overflow-wrap:anywhere"


@dataclass(frozen=True, slots=True)
class Message:
    """What one receiver is sent at once. `name` is the same however often it is sent; `follows` the name of the message
    that it continues, "" for none; `data` the same facts for programs."""

    name: str
    follows: str
    subject: str
    text: str
    html: str
    data: dict[str, Any]


def name_of(deliveries: Sequence[Delivery]) -> str:
    """The name of the message that holds these deliveries: the same for the same ones."""
    parts = [f"{one.target} {one.kind} {one.alert.id} {one.alert.facts['change']}" for one in deliveries]
    return sha256("\n".join(parts).encode()).hexdigest()[:32]


def compose(name: str, deliveries: Sequence[Delivery], site_url: str = "") -> Message:
    """The message for alerts that go to one receiver at once; at least one."""
    told = [_paragraphs(one, site_url) for one in deliveries[:IN_FULL]]
    rest = len(deliveries) - len(told)
    closing = [f"and {rest} more: `tracker changes --flagged` lists them"] if rest else []
    closing.append("This says what the text lets happen; it does not show what was done.")
    closing.append("You get this because of an [[alert]] in tracker.toml; take it out there to stop.")
    lines = [(label, text) for paragraphs in told for label, text in (*paragraphs, ("", ""))]
    text = "\n".join(f"{label.upper()}\n    {said}" if label else said for label, said in lines)
    return Message(
        name,
        deliveries[0].thread if len(deliveries) == 1 else "",
        _subject(deliveries),
        f"{text}\n-- \n" + "\n".join(closing) + "\n",
        _html(told, closing),
        {"alerts": [{"kind": one.kind, "state": one.alert.state, **one.alert.facts} for one in deliveries]},
    )


def _subject(deliveries: Sequence[Delivery]) -> str:
    first = deliveries[0]
    facts = first.alert.facts
    if len(deliveries) > 1:
        documents = len({one.alert.document for one in deliveries})
        said = f"{len(deliveries)} flagged clauses in {documents} document{'s' * (documents > 1)}"
    elif first.kind == "correction":
        said = f"Correction: {facts['title']}: {facts['verdict']}"
    else:
        said = f"{facts['title']}: {SIGNS[facts['kind']]} {facts['verdict']} (seen {facts['window'][1][:10]})"
    clean = " ".join(NO_CHARACTER.sub(" ", f"[terms] {said}").split())
    return clean if len(clean) <= 200 else f"{clean[:199]}…"


def _paragraphs(one: Delivery, site_url: str) -> list[tuple[str, str]]:
    """What is said of one alert, as (label, text); without a label a plain paragraph."""
    facts = one.alert.facts
    said = [("", facts["title"]), ("", facts["verdict"])]
    if one.kind == "correction":
        said.append(("Correction", "The next check did not confirm what we sent: the text does not read so any more."))
    elif not facts.get("confirmed"):
        said.append(("Unconfirmed", "One check saw this; the next will confirm it or you get a correction."))
    begin, end = facts["window"]
    said.append(("First seen", f"between {_clock(begin)} and {_clock(end)}" if begin else f"by {_clock(end)}"))
    stated = f"“{facts['stated']}”" if facts["stated"] else "no date"
    effect = facts["effective"] or "not stated"
    silent = " The date that it gives did not move." if facts["silent"] else ""
    said.append(("The document says", f"last updated: {stated}. In force from: {effect}.{silent}"))
    if facts["heading"]:
        said.append(("Under", facts["heading"]))
    cut = " (cut here; the archive has the whole clause)" if facts["cut"] else ""
    labels = {"added": ("Before", "Added"), "removed": ("Removed", "After")}.get(facts["kind"], ("Before", "After"))
    for label, side in zip(labels, ("before", "after"), strict=True):
        said.append((label, f"“{facts[side]}”{cut}" if facts[side] else "no such clause."))
    for rule, stance, quote in facts["rules"]:
        said.append(("Flag", f"{rule}{f' ({stance})' if stance else ''}: “{quote}”"))
    said.append(("Whole change", facts["summary"]))
    page = f"{change_page(facts['change'])}#{anchor(facts['clause'])}"
    said.append(("Read", f"{site_url.rstrip('/')}/{page}" if site_url else f"tracker show {facts['change']}"))
    return said


def _clock(stamp: str) -> str:
    return f"{stamp[:10]} {stamp[11:16]} UTC"


def _html(told: Sequence[Sequence[tuple[str, str]]], closing: Sequence[str]) -> str:
    parts = []
    for paragraphs in told:
        (_, title), (_, verdict), *rest = paragraphs
        parts.append(
            f'<h1 style="font-size:20px;margin:16px 0 4px">{escape(title)}</h1><p><b>{escape(verdict)}</b></p>'
        )
        for label, said in rest:
            link = said.startswith(("https://", "http://")) and label == "Read"
            shown = f'<a href="{escape(said)}">{escape(said)}</a>' if link else escape(said).replace("\n", "<br>")
            parts.append(f'<div dir="auto"><b>{escape(label)}</b><div style="{QUOTE}">{shown}</div></div>')
    parts += [f'<p style="font-size:14px">{escape(said)}</p>' for said in closing]
    return FRAME.format(style=STYLE, body="".join(parts))
