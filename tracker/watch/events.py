"""What the watch says while it works: one line for each event, for people or for programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tracker.model import stamp


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. `name` is one word ("checked", "change", "started", …), `data` has stable keys."""

    at: datetime
    name: str
    document: str = ""
    text: str = ""  # a sentence for people
    data: dict[str, Any] = field(default_factory=dict)


Say = Callable[[Event], None]


def line(event: Event) -> str:
    """An event as people read it: moment, what, about what."""
    words = (stamp(event.at), event.name, event.document, " ".join(event.text.split()))
    return " ".join(word for word in words if word)


def record(event: Event) -> str:
    """An event as one line of JSON."""
    values = {"at": stamp(event.at), "event": event.name, "document": event.document or None, "text": event.text}
    return json.dumps(values | event.data, ensure_ascii=True)
