"""What no rule of form may take out of a page: sentences that say, in binding words, what AI does with whose content.

Menus, footers, asides and cookie boxes are left out of a text because they are no terms. Whoever wants a clause to be
overlooked could put it there; so a part that holds such a sentence stays, whatever the page calls it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bs4.element import NavigableString, Tag

LEAST = 7  # words of a sentence that binds anybody
LONGEST = 20_000  # characters of a part that are looked at; larger ones are never left out whole

_AI = (
    r"artificial intelligence|machine.learning|deep learning|language models?|generative|neural net\w*|\bA\.?I\b"
    r"|\bLLMs?\b|text and data mining|(?:train|fine.?tun)\w* .{0,60}?(?:model|algorithm)\w*"
    r"|intelligence artificielle|apprentissage automatique|\bIA\b|entra[iî]n\w+ .{0,60}?modèles?"
    r"|künstliche\w* intelligenz|maschinelle\w* lernen|\bKI\b|sprachmodell\w*|modelle\w* .{0,60}?trainier\w*"
    r"|inteligencia artificial|aprendizaje automático|entrenar .{0,60}?modelos?"
    r"|intelligenza artificiale|inteligência artificial|kunstmatige intelligentie|sztuczn\w+ inteligencj\w+"
)
_DOING = (
    r"\b(?:us(?:e[sd]?|ing)|train\w*|improv\w+|develop\w*|process\w*|shar\w+|licen[cs]\w+|analy[sz]\w+|collect\w*|grant\w*"
    r"|utilis\w+|entra[iî]n\w+|amélior\w+|développ\w+|trait\w+|partag\w+"
    r"|nutz\w+|verwend\w+|verwert\w+|trainier\w+|verbesser\w+|entwickel\w+|verarbeit\w+|genutzt"
    r"|usa\w*|utiliz\w+|entren\w+|mejor\w+|desarroll\w+|compart\w+|trata\w*|addestra\w+|gebruik\w*|wykorzyst\w+)"
)
_WHAT = (
    r"\b(?:content\w*|data|information|uploads?|inputs?|prompts?|outputs?|works?|posts?|messages?|conversations?|files?"
    r"|images?|recordings?|music|contenus?|données|œuvres?|informations|inhalte\w*|daten|werke\w*|eingaben"
    r"|contenidos?|datos|obras|contenut\w+|dati|conteúdos?|dados|inhoud|gegevens|treści|dan\w{1,3})\b"
)
_WHO = (
    r"\b(?:you|your|we|our|us|users?|vous|vos|votre|nous|nos|notre|sie|ihre?\w*|wir|uns\w*|du|dein\w*|usted\w*|sus?|tus?"
    r"|nosotr\w+|nuestr\w+|vuestr\w+|voi|vostr\w+|noi|nostr\w+|você\w*|seus?|suas?|nossos?|nossas?|je|jouw|uw|wij|onze)\b"
)
AI, DOING, WHAT, WHO = (re.compile(pattern, re.I) for pattern in (_AI, _DOING, _WHAT, _WHO))
# Within these a sentence goes on; between others it ends. A menu is many links, and no sentence.
_INLINE = "abbr b bdi bdo big cite code del em font i ins kbd label mark q s small span strong sub sup u var"
INLINE = frozenset(_INLINE.split())
SENTENCE = re.compile(r"[^.!?。！？\n]+")


def part_tells(part: Tag) -> bool:
    """Whether a part of a page holds such a sentence."""
    return tells("".join(_lines(part)))


def _lines(part: Tag) -> Iterator[str]:
    """The text of a part, with a line end wherever a reader sees one, and around links and buttons."""
    length = 0
    for node in part.descendants:
        if isinstance(node, Tag):
            if node.name not in INLINE:
                yield "\n"
        elif type(node) is NavigableString:
            parent = node.parent
            yield str(node).replace("\n", " ")
            if parent is not None and parent.name not in INLINE and node.next_sibling is None:
                yield "\n"
            length += len(node)
            if length > LONGEST:
                return


def tells(text: str) -> bool:
    """Whether a text, with a line for each block, holds a sentence that says what is done with content for AI."""
    text = text[:LONGEST]
    if not AI.search(text):
        return False
    return any(
        all(pattern.search(sentence) for pattern in (AI, DOING, WHAT, WHO))
        for sentence in SENTENCE.findall(text)
        if len(sentence.split()) >= LEAST
    )
