"""Is this the document? A verdict on a reading, from its own signals and from the last accepted one.

Walls, error pages and empty pages never become a version, however often they come. What may be a real rewrite (much
less text, other words) waits for the next check: seen again alike, it is real.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tracker.extract.language import IDEOGRAPH
from tracker.model import Quality, Reading, Verdict

TINY = 20  # words; nothing legal is shorter, unless it says two sentences
SMALL = 60  # words; too little where there was a whole document, doubtful where there was none
COLLAPSE = 0.5  # of the accepted words
UNRELATED = 0.3  # share of word fours that both texts must have in common …
OTHER_TITLE = 0.5  # … and where the title is another one
AGREES = 0.6  # of the accepted text, found by itself where the declared selection matches nothing
ALIKE = 0.9  # the same for two checks that show the same thing
LEGAL = 0.35  # of the accepted density of legal words
LEGAL_SPARSE = 0.008  # density of legal words below which a text without common words is no terms

SENTENCES = {
    "binary": "The address gave a file that is not text.",
    "image": "The address gave a picture, not text.",
    "json": "The address gave data (JSON), not a page.",
    "xml": "The address gave data (XML), not a page.",
    "empty": "The page has no text.",
    "locked": "The PDF file is locked with a password.",
    "pdf-without-text": "The PDF file holds pictures of pages without text.",
    "pdf-viewer": "The page only frames another document; declare the address of that document.",
    "bot-wall": "The site asks whether we are human instead of showing the document.",
    "error-page": "The site shows an error page with status 200.",
    "login": "The site asks to log in.",
    "consent": "The site asks for consent or age before it shows the document.",
    "shell": "The page is a shell that shows its text only after scripts ran; it needs a browser "
    "(pip install 'tracker[browser]').",
    "redirect": "The page only leads to another address.",
    "tiny": "The page has far too few words to be the document.",
    "short": "The page has very few words for a legal text.",
    "language": "The page came in another language than the tracked text.",
    "other-page": "The page has nothing in common with the tracked text and does not read like terms.",
    "selector": "The declared selection matches nothing, and what was found without it is not the tracked text.",
    "unrelated": "The page has hardly a sentence in common with the tracked text.",
    "other-document": "The page has another title and little in common with the tracked text.",
    "collapse": "Less than half of the tracked text is left.",
    "truncated": "The page ends in the middle.",
    "too-deep": "The page is nested deeper than any real one; parts were read as plain text.",
    "too-large": "The page is larger than any real one; it was read as plain text or in part.",
}
_ABSOLUTE = (
    "binary image json xml locked pdf-without-text bot-wall error-page login consent shell redirect pdf-viewer empty"
)
ABSOLUTE = tuple(_ABSOLUTE.split())
RELATIVE = ("truncated", "too-deep", "too-large")
FINAL = frozenset((*ABSOLUTE, "tiny", "language", "other-page"))

LEGAL_STEMS = (
    "terms term condition agree privacy policy policies personal data inform process legal law right liab account "
    "service user cookie "
    "consent shall must party parties third purpos protect collect share contract content license licens prohibit "
    "violat comply "
    "données donnee personnel traitement droit finalité utilisateur conditions responsab confidential consentement "
    "partenaire loi contrat "
    "daten verarbeit recht nutz vertrag einwillig zweck gesetz haftung personenbezogen anspruch datenschutz dritt "
    "datos tratamiento derecho usuario servicio ley consentimiento responsab condicion contrat términos privacidad "
    "dati trattament diritt utent servizi legge consens condizion finalità titolare "
    "dados tratamento direito usuário serviço lei consentimento condições finalidade "
    "gegevens verwerk recht gebruik dienst wet toestemming voorwaard doel "
    "dane danych przetwarz praw użytkownik usług zgod umow cel regulamin polityk "
    "uppgifter personuppgift behandl rätt användar tjänst lag samtycke villkor avtal oplysning rettighed bruger "
    "vilkår bruker "
    "данн обработк прав пользовател услуг закон соглас услови персональн veri kişisel kullanıcı hizmet hak yasa "
    "osobní údaje zpracov práv podmínk"
)
LEGAL_WORD = re.compile(rf"^(?:{'|'.join(sorted(set(LEGAL_STEMS.split())))})")
LEGAL_CHINESE = re.compile(
    r"信息|服务|用户|隐私|条款|协议|个人|数据|权利|法律|同意|保护|規約|情報|利用|個人|サービス|同意|提供|개인|정보|이용|약관|서비스|동의"
)
SENTENCE_END = re.compile(r"[^\W\d_][.!?](?=\s|$)|[。！？]")
WORD = re.compile(r"\w+")
TARGET = re.compile(r"\]\([^()\s]{0,3000}\)")


@dataclass(frozen=True, slots=True)
class _Likeness:
    """How two texts compare: shares of word fours."""

    kept: float  # of the text before, found after
    shared: float  # of the text after, found before


def assess(reading: Reading, accepted: Reading | None, pending: Reading | None) -> Quality:
    """Whether a reading may become a version.

    `accepted` is the reading of the last version, `pending` that of the check just before if it was a suspect. Without
    `accepted` only what a page shows by itself counts. A suspect that looks like the pending one is good.
    Reasons are codes, strongest first.
    """
    if accepted is not None and reading.text == accepted.text:
        return Quality(Verdict.GOOD)
    reasons = [signal for signal in ABSOLUTE if signal in reading.signals]
    if not reasons and reading.words < TINY and len(SENTENCE_END.findall(reading.text)) < 2:
        reasons.append("tiny")
    if not reasons:
        reasons += _against(reading, accepted) if accepted else ["short"] * (reading.words < SMALL)
    reasons += [signal for signal in RELATIVE if signal in reading.signals and _matters(signal, reading, accepted)]
    if not reasons:
        return Quality(Verdict.GOOD)
    message = SENTENCES[reasons[0]]
    if reasons == ["language"] and pending is not None and _is_alike(reading, pending):
        return Quality(Verdict.GOOD, ("language", "confirmed"), "The page stays in another language: a new edition.")
    if reasons[0] in FINAL:
        return Quality(Verdict.NOT_DOCUMENT, tuple(reasons), message)
    if pending is not None and _is_alike(reading, pending):
        return Quality(Verdict.GOOD, (*reasons, "confirmed"), f"{message} Two checks in a row show it, so it is real.")
    return Quality(Verdict.SUSPECT, tuple(reasons), f"{message} The next check decides.")


def _against(reading: Reading, accepted: Reading) -> list[str]:
    """What a reading says against itself beside the accepted one."""
    if accepted.words >= 100 and reading.words < SMALL:
        return ["tiny"]
    likeness = _likeness(accepted.text, reading.text)
    common = max(likeness.kept, likeness.shared)
    if common < UNRELATED and not _is_legal(reading, accepted):
        return ["other-page"]
    if reading.language and accepted.language and reading.language != accepted.language:
        return ["language"]
    reasons: list[str] = []
    if "selector-empty" in reading.signals and likeness.kept < AGREES:
        reasons.append("selector")
    if common < UNRELATED:
        reasons.append("unrelated")
    elif common < OTHER_TITLE and _is_other_title(reading.title, accepted.title):
        reasons.append("other-document")
    if reading.words < COLLAPSE * accepted.words:
        reasons.append("collapse")
    return reasons


def _is_other_title(first: str, second: str) -> bool:
    """Whether two titles name different things, spelling and case aside."""
    return bool(first and second) and WORD.findall(first.casefold()) != WORD.findall(second.casefold())


def _matters(signal: str, reading: Reading, accepted: Reading | None) -> bool:
    """Whether a page that ends early or had to be read in part lost anything, as far as we can tell."""
    if accepted is None or signal in accepted.signals:
        return False
    return signal != "truncated" or reading.words < 0.98 * accepted.words


def _is_alike(reading: Reading, pending: Reading) -> bool:
    if reading.text == pending.text:
        return True
    likeness = _likeness(pending.text, reading.text)
    return min(likeness.kept, likeness.shared) >= ALIKE


def _words(text: str) -> list[str]:
    text = TARGET.sub("]", text).casefold()
    if not text.isascii() and IDEOGRAPH.search(text):
        text = IDEOGRAPH.sub(lambda sign: f" {sign.group()} ", text)
    return WORD.findall(text)


def _likeness(before: str, after: str) -> _Likeness:
    first, second = _fours(before), _fours(after)
    if not first or not second:
        return _Likeness(0.0, 0.0)
    common = len(first & second)
    return _Likeness(common / len(first), common / len(second))


def _fours(text: str) -> set[tuple[str, ...]]:
    words = _words(text)
    return set(zip(words, words[1:], words[2:], words[3:], strict=False))


def _is_legal(reading: Reading, accepted: Reading) -> bool:
    """Whether a text has the words of terms; measured against the accepted text where both are in one language."""
    after = _legal(reading.text)
    return after >= LEGAL_SPARSE and (reading.language != accepted.language or after >= LEGAL * _legal(accepted.text))


def _legal(text: str) -> float:
    """The share of words that terms are made of: low for news, shops and lists; comparable within one language."""
    words = _words(text)
    if not words:
        return 0.0
    found = sum(1 for word in words if LEGAL_WORD.match(word))
    return (found + 2 * len(LEGAL_CHINESE.findall(text))) / len(words)
