"""What lists quote of a clause: the sentence that decides, short where that is honest, never turned round by a cut."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from tracker.views.runs import visible

Spans = Sequence[tuple[int, int]]

_SPACE = re.compile(r"\s+")
_SENTENCE_END = re.compile(r"""[.!?]["”’»)\]]{0,3}\s+(?=["“‘«(\[]{0,2}[^\W\d_a-z])|[。！？]""")
_ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Za-z]|e\.g|i\.e|nos?|art|inc|ltd|co|corp|sec|vs|cf|etc|st|mrs?|ms|dr|abs|nr|bzw))$", re.I
)
# Words that turn or bound what was said: a quote that stops before one of them says something else than the text.
_BOUNDS = re.compile(
    r"\b(?:not|no|never|nor|neither|cannot|\w+n['’]t|without|unless|except|excluding|only|solely|until|provided|however|"
    r"opt|consent|permission|subject|pas|jamais|sans|sauf|aucune?|uniquement|seulement|nicht|kein\w{0,2}|nie|ohne|nur|"
    r"außer|sofern|no|nunca|sin|salvo|solo|sólo|non|mai|senza|niet|geen|zonder|não|sem)\b",
    re.IGNORECASE,
)
_PHRASE_END = re.compile(r"[,;:.!?)\]”](?=\s|$)|[。，；：！？、]")
# Two signs of Chinese, Japanese or Korean are about a word; a word without end is cut.
_SIGNS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_WORD = re.compile(rf"[{_SIGNS}]{{1,2}}|[^\s{_SIGNS}]{{1,60}}")


def excerpt(text: str, spans: Spans = (), words: int = 40) -> tuple[str, bool]:
    """A quote of a clause around the words that decided, and whether anything was left out.

    The sentence with most of them, whole where it has about `words` words; else a stretch of it that ends where a
    phrase ends and keeps every "not", "without" or "unless" near it. "…" stands where something is left out.
    Bounded: a sentence without end is cut all the same.
    """
    text = visible(_SPACE.sub(" ", text).strip())
    if _fits(text, words):
        return text, False
    start, end, inside = _telling(text, spans)
    found = text[start:end].strip()
    if _fits(found, words + 8):
        return found, True
    low, high = (inside[0][0] - start, inside[-1][1] - start) if inside else (0, 0)
    return _narrowed(found, low, high, words), True


def tail(text: str, words: int = 24) -> str:
    """The end of a sentence that governs a list, for setting before a quote of an item."""
    text = visible(_SPACE.sub(" ", text).strip())
    places = [match.start() for match in _WORD.finditer(text)]
    return text if len(places) <= words else f"… {text[places[-words] :]}"


def _fits(text: str, words: int) -> bool:
    return len(text) <= 60 * words and sum(1 for _ in islice(_WORD.finditer(text), words + 1)) <= words


def sentence(text: str, spans: Spans) -> str:
    """The sentence of a clause that holds most of the words that decided; the whole clause where there are none."""
    if not spans:
        return text
    start, end, _ = _telling(text, spans)
    return text[start:end].strip()


def _telling(text: str, spans: Spans) -> tuple[int, int, list[tuple[int, int]]]:
    """Where the sentence that holds most of some spans begins and ends, and the spans in it; the first among equals."""
    best: tuple[int, int, list[tuple[int, int]]] = (0, len(text), [])
    for start, end in _sentences(text):
        inside = [span for span in sorted(spans) if start <= span[0] < end]
        if not best[2] or len(inside) > len(best[2]):
            best = (start, end, inside) if inside or best[:2] == (0, len(text)) else best
    return best


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    """Where each sentence begins and ends."""
    start = 0
    for mark in _SENTENCE_END.finditer(text):
        if mark[0][0] == "." and _ABBREVIATION.search(text[max(0, mark.start() - 6) : mark.start()]):
            continue
        yield start, mark.end()
        start = mark.end()
    yield start, len(text)


FURTHEST = 150  # characters beyond the window within which the end of a phrase, or a bound, is sought


def _narrowed(sentence: str, low: int, high: int, words: int) -> str:
    """A long sentence around its deciding words, from `low` to `high`."""
    places = [match.span() for match in _WORD.finditer(sentence[: 1 << 16])]
    first = next((n for n, (_, end) in enumerate(places) if end > low), 0)
    last = next((n for n, (_, end) in enumerate(places) if end >= high), len(places) - 1)
    begin = 0 if last < words else max(0, first - words // 4)
    start = places[begin][0]
    end = places[min(len(places) - 1, max(begin + words - 1, min(last, begin + 2 * words)))][1]
    # What turns the sentence belongs to the quote, on either side, and so does the rest of the phrase.
    if start <= FURTHEST:
        start = 0
    elif before := _BOUNDS.search(sentence, start - FURTHEST, start):
        opened = [
            mark.end() for mark in _PHRASE_END.finditer(sentence, max(0, before.start() - FURTHEST), before.start())
        ]
        start = opened[-1] if opened else before.start()
    after = [mark.end() for mark in _BOUNDS.finditer(sentence, end, end + FURTHEST)]
    end = max([end, *after])
    close = _PHRASE_END.search(sentence, end - 1, end + FURTHEST)
    end = close.start() if close else _word_end(sentence, end)
    left = "… " if start else ""
    if end >= len(sentence.rstrip(" .!?。！？")):
        return f"{left}{sentence[start:].strip()}"
    return f"{left}{sentence[start:end].strip(' ,;:')} …"


def _word_end(text: str, place: int) -> int:
    last = min(len(text), place + 60)
    while place < last and not text[place].isspace() and text[place] not in ",;:":
        place += 1
    return place


def matched(text: str, spans: Spans) -> Iterator[str]:
    """The words that decided, each once, in order; of words inside other ones only the longer."""
    seen: set[str] = set()
    reach = -1
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        word = visible(text[start:end]).strip()
        if end > reach and word and word.casefold() not in seen:
            seen.add(word.casefold())
            yield word
        reach = max(reach, end)
