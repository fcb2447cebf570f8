"""What a person reads of a piece of Markdown, and what of that is substance.

`plain` drops the marks of Markdown, `label` cuts the numbering in front, `substance` folds everything that is only
form. Substance is for comparison, never for display: quotes, dashes, soft hyphens, zero-width characters, spacing and
the way a date is written do not enter it; words, numbers and case do. Tokens that change by themselves at every visit
are replaced by the rules in `NOISE`, each with a name. Plain numbers (fees, days, ages) are never masked.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from tracker.text.links import unlinked

# ---- what a person reads -----------------------------------------------------------------------------------------

# Characters that nobody sees: zero width, soft hyphen, marks of direction, selectors, tags, controls but white space.
_UNSEEN = (
    r"\x00-\x08\x0e-\x1b\x7f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e"
    r"\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_ACCENTS = r"\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
_ODD_ONES = rf"\x1c-\x1f{_UNSEEN}\u200c\u200d{_ACCENTS}\ud800-\udfff"
_ODD = re.compile(f"[{_ODD_ONES}]")
_MARKED = re.compile(rf"[\\*_`~\[\]<&|#>{_ODD_ONES}]")
_INVISIBLE = re.compile(f"[{_UNSEEN}]+")
# Joiners matter between letters that are written joined, marks only on a letter.
_JOINER = re.compile(r"(?:(?<=[\x00-\u052f])|^)[\u200c\u200d]+|[\u200c\u200d]+(?=[\x00-\u052f]|$)")
_BASELESS = re.compile(rf"(?:(?<=\s)|^)[{_ACCENTS}]+")
_LONE = re.compile("[\ud800-\udfff]")
_TAG = re.compile(
    r"(?<!\\)</?(?:br|b|i|u|em|strong|a|span|p|div|sup|sub|font|small|code|wbr)(?![\w-])([^<>]{0,300})>", re.IGNORECASE
)
_ATTRIBUTE = re.compile(r"""\s[\w:-]{1,40}=(?:"[^"]*"|'[^']*'|[^\s"']+)""")
_AUTOLINK = re.compile(r"(?<!\\)<((?:https?://|mailto:)[^<>\s]{1,2000})>")
_ENTITY = re.compile(r"(?<!\\)&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});")
_EMPHASIS = re.compile(r"\\([!-/:-@\[-`{-~])|\*+|`+|(?<![^\W_])_+|_+(?![^\W_])")
_UNDERSCORES = re.compile("_+")
REMEMBERED = 1000  # characters: what was read of longer pieces is not remembered


def plain(markdown: str) -> str:
    """What a person reads of a piece of Markdown: no marks, no link targets, images as their description, cells of
    a table row divided by " | ", white space collapsed, invisible characters gone. Any text is accepted.

    >>> plain("**You** may [opt out](https://example.org/o) \\\\[here\\\\].")
    'You may opt out [here].'
    """
    return read(markdown)[0]


def read(markdown: str) -> tuple[str, tuple[str, ...]]:
    """The words of a piece of Markdown as in `plain`, and its link targets in order."""
    if not _MARKED.search(markdown):
        return collapsed(markdown), ()
    text, links = markdown, ()
    if "](" in text:
        text, links = unlinked(text)
    if "<" in text:
        text = _AUTOLINK.sub(r"\1", _TAG.sub(_untagged, text))
    if "&" in text:
        text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    text = _unmarked(text)
    if not (text.isascii() and text.isprintable()) and _ODD.search(text):
        text = _BASELESS.sub("", _JOINER.sub("", _INVISIBLE.sub("", text)))
        text = _LONE.sub("\ufffd", text)
    return collapsed(text), links


def _unmarked(text: str) -> str:
    """A text without emphasis and escapes; plain replacements do for nearly all, and are many times faster."""
    if "\\" in text:
        return _EMPHASIS.sub(_escaped, text)
    text = text.replace("*", "").replace("`", "")
    return _UNDERSCORES.sub(_outside_words, text) if "_" in text else text


def _escaped(mark: re.Match[str]) -> str:
    """The character that a backslash stands before, "" for a mark. A template would be filled many times slower."""
    return mark[1] or ""


def _untagged(tag: re.Match[str]) -> str:
    """A space for a tag of HTML; what only looks like one ("<b We may share it>") is text."""
    rest = _ATTRIBUTE.sub("", tag[1]).strip() if tag[1] else ""
    return " " if rest in ("", "/") else tag[0]


def _outside_words(mark: re.Match[str]) -> str:
    """Underscores inside a word belong to it; others are emphasis."""
    before, after = mark.string[mark.start() - 1 : mark.start()], mark.string[mark.end() : mark.end() + 1]
    return mark[0] if before.isalnum() and after.isalnum() else ""


def forget() -> None:
    """Forget what was folded."""
    _folded_again.cache_clear()


# ---- numbering ---------------------------------------------------------------------------------------------------

_MONTHS = {
    1: "january jan janvier janv januar jänner enero ene gennaio janeiro januari",
    2: "february feb février fevrier févr fév februar febrero febbraio fevereiro februari",
    3: "march mar mars märz maerz marzo março maart",
    4: "april apr avril avr abril aprile",
    5: "may mai mayo maggio maio mei",
    6: "june jun juin juni junio giugno junho",
    7: "july jul juillet juil juli julio luglio julho",
    8: "august aug août aout agosto augustus",
    9: "september sep sept septembre septiembre settembre setembro",
    10: "october oct octobre oktober okt octubre ottobre outubro",
    11: "november nov novembre noviembre novembro",
    12: "december dec décembre decembre déc dezember dez diciembre dicembre dezembro",
}
_MONTH = {name: number for number, names in _MONTHS.items() for name in names.split()}
_NAMES = "|".join(sorted(_MONTH, key=len, reverse=True))

_DIVISION = (
    "section|article|clause|part|chapter|annex|appendix|schedule|exhibit|abschnitt|artikel|kapitel|teil|ziffer|"
    "anhang|titre|partie|chapitre|annexe|sección|seccion|artículo|articulo|cláusula|capítulo|sezione|articolo|"
    "capitolo|seção|artigo"
)
# What is counted, and never the title of a section: "4.2 Million euro" is no section 4.2.
_UNITS = (
    "hundred|thousand|million|billion|trillion|tausend|million(?:en|s|es)?|milliarden?|milliards?|millones|mill?iones|"
    "mil|mio|mrd|percent|per cent|prozent|pour cent|por ciento|per cento|euros?|eur|usd|gbp|chf|dollars?|pounds?|"
    "sterling|cents?|francs?|franken|yen|[kmgt]b|kg|km|seconds?|minutes?|hours?|days?|weeks?|months?|years?|"
    "stunden?|tagen?|wochen?|monaten?|jahren?|jours?|mois|ans"
)
_AMOUNT = rf"\d{{1,3}}\.\d{{1,3}}\s+(?i:{_UNITS})\b"
_CHINESE = "一二三四五六七八九十百零〇"
_LABEL = re.compile(
    rf"""(?:
      [-•●·▪◦‣○■□–—*+]\s+
    | (?!{_AMOUNT})(?:\d{{1,3}}\.){{1,6}}\d{{1,3}}[.):]?(?=\s+[^\Wa-z_]|\s*$|\s+["'“‘«(\[])  # 1.2 Foo
    | (?:\d{{1,3}}\.){{2,6}}(?=\s|\D)                                              # 1.2. foo
    | \d{{1,3}}[.)](?!\s*(?i:{_NAMES})\b)(?=\s|[^\W\d_]|["'“‘«(\[])                 # 1. foo, 1) foo; no "30. Juni"
    | \((?:\d{{1,3}}|[a-z]{{1,2}}|[ivxlc]{{1,7}}|[A-Z])\)
    | (?:[a-z]|[ivx]{{1,6}})\)(?=\s|[\u3040-\u30ff\u3400-\u9fff])
    | (?:[a-z]|[ivx]{{1,6}}|[A-Z]|[IVX]{{1,6}})[.、](?=\s|[\u3040-\u30ff\u3400-\u9fff])
    | (?i:{_DIVISION})\s+(?:\d{{1,3}}(?:\.\d{{1,3}}){{0,4}}|[IVXLC]{{1,7}}|[A-Z])\s*(?:[.:)]|\s[-–—])(?=\s)
    | §{{1,2}}\s*\d{{1,3}}[a-z]?\.?(?=\s+[^\Wa-z_])
    | 第[{_CHINESE}\d]{{1,6}}[条條章节節款编編部]
    | [{_CHINESE}]{{1,4}}[、．.]
    | [（(][{_CHINESE}\d]{{1,4}}[）)]
    )\s*""",
    re.VERBOSE,
)
_ONLY_LABEL = re.compile(
    rf"(?:{_DIVISION})\s+(?:\d{{1,3}}(?:\.\d{{1,3}}){{0,4}}|[ivxlc]{{1,7}}|[a-z])[.:]?$", re.IGNORECASE
)
_MAY_BE_LABEL = re.compile(rf"[-•●·▪◦‣○■□–—*+\d(（§第{_CHINESE}]|\w{{1,6}}[.)、]")
DIVISIONS = frozenset(_DIVISION.split("|"))  # words that may begin a numbering


def label(text: str) -> tuple[str, str]:
    """The numbering or bullet in front of a plain text, and the text without it; several may follow each other.

    A bare number is no numbering ("30 days" is substance), and neither is a text that is nothing else.

    >>> label("4.2 (a) Fees")
    ('4.2 (a)', 'Fees')
    """
    cut = 0
    if _MAY_BE_LABEL.match(text) or text[: text.find(" ")].casefold() in DIVISIONS:
        for _ in range(3):
            found = _LABEL.match(text, cut)
            if not found or found.end() >= len(text):
                break
            cut = found.end()
    return text[:cut].strip(), text[cut:]


# ---- substance ---------------------------------------------------------------------------------------------------


def _raised(character: str) -> str:
    """How a raised, lowered or circled number or a fraction is told from plain digits: "10²" is not "102"."""
    kind, _, _ = unicodedata.decomposition(character).partition(" ")
    digits = unicodedata.normalize("NFKC", character)
    marks = {"<super>": "^", "<sub>": "_", "<circle>": "#", "<fraction>": " "}
    return marks[kind] + digits.replace("\u2044", "/") if kind in marks and any(map(str.isdigit, digits)) else ""


_FOLD: dict[str, str] = (
    dict.fromkeys("“”„‟«»″〝〞", '"')
    | dict.fromkeys("‘’‚‛‹›′´", "'")
    | dict.fromkeys("‐‑‒–—―−﹣－", "-")
    | dict.fromkeys("•●·▪◦‣○■□", "*")
    | dict.fromkeys("®™\u200c\u200d\ufe0f", "")
    | {"©": "(c)", "…": "..."}
    | {chr(code): raised for code in range(0x80, 0x3300) if (raised := _raised(chr(code)))}
)
_COMMON = (("“", '"'), ("”", '"'), ("’", "'"), ("‘", "'"), ("–", "-"), ("—", "-"))
_FOLDED = re.compile("[" + "".join(map(re.escape, _FOLD)) + "]")
_FOLDABLE = re.compile(f"{_FOLDED.pattern[:-1]}{_UNSEEN}{_ACCENTS}]")
_DASH = re.compile(r" -+ *|-+ +|--+")
_BEFORE_POINT = re.compile(r" (?=[,.;:!?)\]])")
_DIGIT = re.compile("[0-9]")
_YEAR = re.compile(r"(?:19|20)\d\d(?!\d)")
_DATE = 40  # characters before a year in which its day and month stand
_BEFORE_YEAR = re.compile(
    rf"(?:\b(\d{{1,2}})(?:st|nd|rd|th|er|º|ª)?\.?(?: of| de)? ({_NAMES})\.?,?(?: de| del)? "
    rf"|\b({_NAMES})\.? (\d{{1,2}})(?:st|nd|rd|th)?,? )$",
    re.IGNORECASE,
)

_UPDATED = (
    "updated|modified|revised|changed|edited|published|posted|reviewed|mise? à jour|modifiée?|publiée?|aktualisiert|"
    "geändert|veröffentlicht|bearbeitet|actualizad[oa]|modificad[oa]|publicad[oa]|aggiornat[oa]|atualizad[oa]"
)
_AGO = (
    r"(?:(?:about|over|almost) )?(?:an?|one|\d{1,3}) (?:second|minute|hour|day|week|month|year)s? ago|today|yesterday|"
    r"just now|in the last (?:hour|day|week|month)|this (?:week|month)|last (?:week|month|year)|"
    r"il y a (?:une?|\d{1,3}) \w{1,9}|aujourd'hui|hier|vor (?:ein\w{0,2}|\d{1,3}) \w{2,8}|heute|gestern|"
    r"hace (?:una?|\d{1,3}) \w{2,8}|hoy|ayer"
)
_LAST = (  # what a time stamp begins with; "content posted 30 days ago" is none
    r"(?:(?:(?:this|the|our) )?(?:\w{1,12} ){0,2}(?:(?:was|were|is|has been) )?)?"
    r"(?:last|zuletzt|dernière(?:ment)?|última)"
)
# Tokens that differ at every visit: name, pattern, what stands for them in the substance.
NOISE: dict[str, tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]] = {
    "relative-date": (
        re.compile(
            rf"^({_LAST} (?:{_UPDATED})(?: on| le| am| el)?):? (?:{_AGO})(?=[.,;)]|$)"
            rf"|^({_UPDATED})(?: on| le| am| el)?:? (?:{_AGO})\.?$|^(?:{_AGO})\.?$",
            re.IGNORECASE,
        ),
        lambda stamp: f"{stamp[1] or stamp[2] or ''} <when>",  # a template would be read anew for each clause
    ),
    "trace-id": (
        re.compile(
            r"\b(trace|request|correlation|session|ray|incident|activity) ?id(?: is)?[ :#]{1,3}"
            r"(?=\S{0,40}\d)(?!\d{1,4}[a-z]{3,20}\b)(?![\w.-]{0,80}?(?<![a-z\d])(?![a-f]{1,12}(?![a-z]))[a-z]{3,40}(?![a-z\d]))"
            r"[\w.-]{6,80}",
            re.IGNORECASE | re.ASCII,
        ),
        r"\1 <id>",
    ),
    "uuid": (re.compile(r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b"), "<id>"),
    "hex-id": (re.compile(r"\b(?=[0-9]{0,64}[a-fA-F])(?=[a-fA-F]{0,64}[0-9])[0-9a-fA-F]{16,}\b"), "<id>"),
    "cache-buster": (
        re.compile(r"(?:https?://|www\.|/)[^\s()]{1,2000}"),
        lambda address: _BUSTER.sub("", address[0]),
    ),
}
_BUSTER = re.compile(
    r"(?<=[?&;])(?:utm_\w{1,20}|gclid|fbclid|msclkid|_gl|_ga|mc_[ce]id|cb|_|ts|t|v|ver|rev|hash|nonce|sid|"
    r"sess(?:ion)?(?:_?id)?|jsessionid|phpsessid|token|csrf\w{0,10})=[\w.%-]{0,100}(?:&|(?![\w.%-]))",
    re.IGNORECASE | re.ASCII,
)
_LONGEST_BARE = 60  # characters of "updated today" and of headings that are nothing but a number
_LONGEST_DATED = 120  # characters: a longer clause with "updated today" in it is a rule, not a time stamp


def substance(text: str) -> str:
    """The form of a plain text by which it is compared: never shown, and only equal or not equal.

    >>> substance("We’ll  keep it – until 1 May 2026 .") == substance("We'll keep it - until May 1, 2026.")
    True
    """
    text = folded(text)
    digits = bool(_DIGIT.search(text))
    if digits:
        text = dated(text)
    elif len(text) >= _LONGEST_BARE and "=" not in text:
        return text.strip()  # no rule below can hold
    for name, (pattern, stand_in) in NOISE.items():
        if _POSSIBLE[name](text, digits):
            text = pattern.sub(stand_in, text)
    if len(text) < _LONGEST_BARE and _ONLY_LABEL.match(text):
        text = text.split()[0].casefold() + " #"
    return text.strip()


def folded(text: str) -> str:
    """A plain text with one kind of quotes, dashes, spaces and characters, and none that nobody sees."""
    return _folded_again(text) if len(text) <= REMEMBERED else _folded_once(text)


def _folded_once(text: str) -> str:
    if not text.isascii():
        for curly, straight in _COMMON:
            text = text.replace(curly, straight)
    if not text.isascii() or not text.isprintable():
        if not unicodedata.is_normalized("NFKC", text):
            text = unicodedata.normalize("NFKC", _FOLDED.sub(lambda at: _FOLD[at[0]], _INVISIBLE.sub("", text)))
        if _FOLDABLE.search(text):
            text = _BASELESS.sub("", _FOLDED.sub(lambda at: _FOLD[at[0]], _INVISIBLE.sub("", text)))
    if "|" in text:
        text = text.replace("|", " ")
    text = collapsed(text)
    if " -" in text or "- " in text or "--" in text:
        text = _DASH.sub("-", text)
    if "''" in text:
        text = text.replace("''", '"')
    text = _BEFORE_POINT.sub("", text)
    return text.replace("( ", "(").replace("[ ", "[")


_folded_again = lru_cache(maxsize=4096)(_folded_once)  # a clause is folded for its key, and again to be compared


def collapsed(text: str) -> str:
    """A text with single spaces only; most lines are so already, and looking costs less than joining."""
    if text.isprintable() and "  " not in text:
        return text.strip()
    return " ".join(text.split())


def dated(text: str) -> str:
    """A folded text with its dates in ISO 8601, where a month is named: "03/04/2026" may be either."""
    pieces, position = [], 0
    for year in _YEAR.finditer(text):
        found = _BEFORE_YEAR.search(text, max(position, year.start() - _DATE), year.start())
        if found:
            day, month = found[1] or found[4], _MONTH[(found[2] or found[3]).casefold()]
            pieces += [text[position : found.start()], f"{year[0]}-{month:02}-{int(day):02}"]
            position = year.end()
    return "".join([*pieces, text[position:]])


_HEX = re.compile("[0-9a-fA-F]{16}")
# Whether a noise rule can hold at all, by tests that cost less than the rule.
_POSSIBLE: dict[str, Callable[[str, bool], bool]] = {
    "relative-date": lambda text, digits: len(text) < (_LONGEST_DATED if digits else _LONGEST_BARE),
    "trace-id": lambda text, digits: digits and (" id" in text or "ID" in text or "Id" in text),
    "uuid": lambda text, digits: digits and text.count("-") >= 4,
    "hex-id": lambda text, digits: digits and bool(_HEX.search(text)),
    "cache-buster": lambda text, digits: "=" in text,
}
