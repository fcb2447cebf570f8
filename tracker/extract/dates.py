"""The dates that a legal text states for itself: when it was last changed, and from when it applies.

Only where the text says so near its top or its end; a day, a month and a year, or nothing.
"""

from __future__ import annotations

import re
from datetime import date

TOP, END = 4000, 2500  # characters of the text that are looked at
REACH = 90  # characters between the label and its date

MONTHS = (
    "january jan janvier janv januar jänner enero ene gennaio gen janeiro januari styczeń stycznia stycz leden "
    "ledna január ianuarie ocak "
    "января январь січня ιανουαρίου tammikuuta",
    "february feb febr février févr fév februar febrero febbraio febb fevereiro fev februari luty lutego únor "
    "února február februarie şubat "
    "февраля февраль лютого φεβρουαρίου helmikuuta",
    (
        "march mar mars märz mrz marzo março maart mrt marzec marca březen března március martie mart марта март "
        "березня μαρτίου maaliskuuta"
    ),
    (
        "april apr avril avr abril abr aprile kwiecień kwietnia duben dubna április aprilie nisan апреля апрель квітня "
        "απριλίου huhtikuuta"
    ),
    "may mai mayo maggio mag maio mei maj maja květen května május mayıs мая май травня μαΐου μαϊου toukokuuta",
    (
        "june jun juin juni junio giugno giu junho czerwiec czerwca červen června június iunie haziran июня июнь "
        "червня ιουνίου kesäkuuta"
    ),
    (
        "july jul juillet juil juli julio luglio lug julho lipiec lipca červenec července július iulie temmuz июля "
        "июль липня ιουλίου heinäkuuta"
    ),
    (
        "august aug août aout agosto ago augustus augusti sierpień sierpnia srpen srpna augusztus ağustos августа "
        "август серпня αυγούστου elokuuta"
    ),
    (
        "september sept sep septembre septiembre settembre set setembro wrzesień września září szeptember septembrie "
        "eylül сентября сентябрь вересня σεπτεμβρίου syyskuuta"
    ),
    (
        "october oct octobre oktober okt octubre ottobre ott outubro out październik października říjen října október "
        "octombrie ekim октября октябрь жовтня οκτωβρίου lokakuuta"
    ),
    (
        "november nov novembre noviembre novembro listopad listopada listopadu noiembrie kasım ноября ноябрь листопада "
        "νοεμβρίου marraskuuta"
    ),
    (
        "december dec décembre déc dezember dez diciembre dic dicembre dezembro grudzień grudnia prosinec prosince "
        "decembrie aralık desember des декабря декабрь грудня δεκεμβρίου joulukuuta"
    ),
)
MONTH = {name: number for number, names in enumerate(MONTHS, 1) for name in names.split()}
NAME = r"[^\W\d_]{3,12}"
YEAR = r"(?:19|20)\d\d"
FORMS = (
    re.compile(rf"\b(?P<y>{YEAR})-(?P<m>\d{{1,2}})-(?P<d>\d{{1,2}})\b"),
    re.compile(rf"(?P<y>{YEAR})\s?[年년]\s?(?P<m>\d{{1,2}})\s?[月월]\s?(?P<d>\d{{1,2}})\s?[日일]"),
    re.compile(
        (
            rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|º|\.)?\s{{0,2}}(?:de |of |d['’])?(?P<n>{NAME})\.?,?\s{{1,2}}(?:de "
            rf"|del )?(?P<y>{YEAR})\b"
        ),
        re.I,
    ),
    re.compile(
        rf"\b(?P<n>{NAME})\.?\s{{1,2}}(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s{{0,2}},?\s{{0,2}}(?P<y>{YEAR})\b", re.I
    ),
    re.compile(rf"\b(?P<d>\d{{1,2}})[-\s](?P<n>{NAME})[-\s](?P<y>{YEAR})\b", re.I),
    re.compile(rf"\b(?P<y>{YEAR})[./](?P<m>\d{{1,2}})[./](?P<d>\d{{1,2}})\b"),
    re.compile(rf"\b(?P<a>\d{{1,2}})(?P<s>[./-])(?P<b>\d{{1,2}})(?P=s)(?P<y>{YEAR})\b"),
)
STATED = re.compile(
    r"(?:last|recently|latest)\s(?:up-?dated?|modified|modification|revised|revision|changed|amended|reviewed"
    r"|edited)|(?:up-?dated|revised|modified|amended)(?:\s(?:on|as of))?\b"
    r"|date of (?:the )?(?:last )?(?:revision|update|modification)|revision date|(?:version|edition)\s(?:of|dated"
    r"|date)|as of\b(?=\W{0,3}\w)|^\W{0,6}(?:date|dated)\s?:"
    r"|zuletzt\s(?:aktualisiert|geändert|überarbeitet|bearbeitet)|letzte\s(?:aktualisierung|änderung|überarbeitung"
    r"|version)|\bstand\b\s?:?|fassung vom|stand vom|aktualisiert am|version vom"
    r"|derni[èe]re?s?\s(?:mise|modification|actualisation|révision|version)|mise?s?\sà\sjour|modifiée?s?\sle"
    r"|version du|en date du|date de (?:mise à jour|modification|publication)"
    r"|[úu]ltima\s(?:actualización|modificación|revisión|versión|atualização|modificação|revisão|alteração)"
    r"|actualizad[oa]s?\s(?:el|en|por)|fecha de (?:la )?(?:última )?(?:actualización|revisión|modificación)"
    r"|(?:atualizad|modificad|revisad)[oa]s?\s(?:em|pela)|data d[ae] (?:última )?(?:atualização|revisão"
    r"|modificação)|versão de"
    r"|ultim[oa]\s(?:aggiornamento|modifica|revisione|versione)|aggiornat[oa]\s(?:il|al|in data)|data (?:di"
    r"|dell['’])\s?(?:ultim[oa] )?(?:aggiornamento|modifica|revisione)"
    r"|(?:laatst|laatste|voor het laatst)\s(?:bijgewerkt|gewijzigd|herzien|update|wijziging|aangepast)"
    r"|bijgewerkt op|versie van"
    r"|ostatni[aeo]?\s(?:aktualizacj\w+|zmian\w+|modyfikacj\w+)|ostatnio\s(?:zaktualizowan\w+|zmienion\w+)"
    r"|data (?:ostatniej )?aktualizacji"
    r"|(?:senast|sist|sidst|senest)\s(?:uppdatera\w+|ändra\w+|oppdater\w+|endre\w+|opdater\w+|ændre\w+|revider\w+)"
    r"|viimeksi päivitetty|päivitetty"
    r"|poslední\s(?:aktualizace|změna|revize)|utolsó (?:frissítés|módosítás)|ultima actualizare|son güncelle\w+"
    r"|güncellen\w+ tarih\w+|τελευταία ενημέρωση"
    r"|(?:последн\w+|дата)\s(?:последн\w+\s)?(?:обновлени\w+|изменени\w+|редакци\w+)|редакция от|обновлено"
    r"|останн\w+ оновлен\w+"
    r"|(?:最后|最近|最新)?(?:更新|修订|修改)(?:日期|时间|于|版本)|版本(?:更新)?日期|发布日期|最終(?:更新|改定)日?|改[定訂]日?|更新日|最終改定|최종\s?(?:업데이트|수정|개정)"
    r"|개정일|업데이트\s?날짜",
    re.I | re.M,
)
SOON = r"(?=.{1,20}\d)"  # a verb as common as “apply” speaks of a date only where one follows at once
EFFECTIVE = re.compile(
    r"effective(?:\sdate)?(?:\s(?:as of|on|from|since|starting))?|(?:takes?|took|taking)\seffect"
    r"|(?:comes?|came|goes|go|enters?|entered)\s(?:in)?to\s(?:effect|force)"
    r"|in (?:effect|force) (?:as of|as from|from|since|on)"
    r"|date of (?:entry into force|effect)|(?:applicable|valid) (?:as of|as from|from|since)"
    rf"|\bappl(?:y|ies)(?: to (?:you|(?:all|existing|new) \w{{1,12}}))? (?:as of|as from|from|starting|beginning){SOON}"
    rf"|with effect (?:as of|from|on){SOON}"
    r"|gültig (?:ab|seit)|gültigkeitsdatum|in kraft|inkraft\w+|wirksam (?:ab|zum|seit)"
    rf"|(?:gelten|gilt) (?:für (?:sie|dich|alle \w{{1,14}}) )?(?:seit|ab){SOON}|mit wirkung (?:ab|vom|zum){SOON}"
    r"|datum des inkrafttretens|wirksamkeitsdatum"
    r"|(?:entr\w+\s)?en vigueur|date d['’](?:entrée|effet|application)|applicables?\s(?:à|au|depuis|dès)"
    r"|prend(?:ra)? effet|pren(?:nent|dront) effet"
    rf"|s['’]appliqu(?:e|era|ent|eront) (?:à (?:partir|compter) d|dès|depuis){SOON}"
    r"|entra(?:n|da|rá|rán)?\sen\svigor|vigentes? (?:desde|a partir)|fecha (?:de (?:entrada en vigor|vigencia)"
    r"|efectiva|de entrada)|en vigor (?:desde|a partir)|válid\w+ (?:desde|a partir)|efectiv\w+ (?:desde|a partir"
    r"|el)"
    rf"|(?:se (?:aplica|aplican|aplicará|aplicarán)|aplicables?|con efectos?) (?:desde|a partir de){SOON}"
    r"|(?:entra(?:m|rá)?\s)?em vigor|data (?:de (?:vigência|entrada)|efetiva|de início)|vigente a partir"
    r"|válid\w+ a partir"
    rf"|(?:aplicam?-se|se aplicam?|aplic[áa]ve(?:l|is)|com efeitos?) (?:desde|a partir de){SOON}"
    r"|in vigore (?:dal|da|a partire)|(?:entrata|entra) in vigore|data di (?:entrata|efficacia|decorrenza)"
    r"|valid[oa] dal|efficac\w+ dal"
    rf"|(?:si applica(?:no)?|applicabil[ei]|con effetto) (?:dal|a (?:partire|decorrere) dal){SOON}"
    rf"|van toepassing (?:vanaf|sinds|per|met ingang van){SOON}|met ingang van{SOON}"
    r"|ingangsdatum|van kracht|geldig (?:vanaf|sinds|per)|in werking|treedt in|per (?=\d)|obowiązuj\w+ od"
    r"|data wejścia w życie|wchodz\w+ w życie|ważn\w+ od"
    r"|(?:gäller|gælder|gjelder|träder i kraft|træder i kraft|trer i kraft)(?:\s(?:från|fra))?|ikrafttr\w+"
    r"|voimassa|voimaantulo\w*"
    r"|účinn\w+ (?:od|ode)|plat\w+ od|hatály\w*|yürürlük\w*|geçerlilik tarihi|în vigoare|σε ισχύ|ημερομηνία έναρξης"
    r"|вступа\w+ в силу|действу\w+ с|дата вступления"
    r"|набува\w+ чинності|生效(?:日期|时间|日)?|施行日?|発効日?"
    r"|適用開始日?|有効日|시행일?"
    r"|발효일?|효력",
    re.I | re.M,
)
NOT_HERE = re.compile(
    (
        r"(?:before|until|prior to|previous|earlier|archiv|bis zum|jusqu|avant le|hasta|antes|fino al|prima del|tot"
        r"|ancienn|précédent|frühere|anterior|precedent)\w*\W{0,20}$"
    ),
    re.I,
)


def stated(text: str, language: str | None = None) -> date | None:
    """The date of which a text says that it was last changed; None where it does not say."""
    return _labelled(text, STATED, language)


def effective(text: str, language: str | None = None) -> date | None:
    """The date from which a text says that it applies; None where it does not say."""
    return _labelled(text, EFFECTIVE, language)


def _labelled(text: str, label: re.Pattern[str], language: str | None) -> date | None:
    for part in (text[:TOP], text[max(TOP, len(text) - END) :]):
        for match in label.finditer(part):
            if NOT_HERE.search(part[max(0, match.start() - 40) : match.start()]):
                continue
            if found := _first(part, match, language):
                return found
    return None


def _first(part: str, label: re.Match[str], language: str | None) -> date | None:
    """The date that a label stands for: right after it, or right before it on the same line."""
    after = part[label.end() : label.end() + REACH]
    sentence = re.split(r"(?<=[^\W\d]{3})[.。]\s|\n\s*\n.*\n\s*\n", after, maxsplit=1)[0]
    if found := find(sentence, language):
        return found
    before = part[max(0, label.start() - 40) : label.start()].rpartition("\n")[2]
    near = before.rstrip(" (–—-|,:*_")
    found = find(near, language)
    return found if found and re.search(r"(?:\d|[日일])\W{0,4}$", near) else None


def find(text: str, language: str | None = None) -> date | None:
    """The first date written out in a text: "March 25, 2026", "25. März 2026", "2026-03-25", "25/03/2026", …

    Where day and month could be either (03/04/2026), English gives None, other languages the day first.
    """
    best: tuple[int, date] | None = None
    for form in FORMS:
        for match in form.finditer(text[:2000]):
            value = _value(match.groupdict(), language)
            if value and (best is None or match.start() < best[0]):
                best = (match.start(), value)
            if value:
                break
    return best[1] if best else None


def redated(before: str, after: str, language: str | None = None) -> bool:
    """Whether two clauses differ in nothing but the date that a text gives for itself."""
    given = [(stated(text, language), effective(text, language)) for text in (before, after)]
    moved = [old and new for old, new in zip(*given, strict=True) if old != new]
    return bool(moved) and all(moved) and _undated(before, language) == _undated(after, language)


def _undated(text: str, language: str | None) -> str:
    for form in FORMS:
        text = form.sub(lambda match: "\x00" if _value(match.groupdict(), language) else match[0], text)
    return " ".join(text.split())


def _value(parts: dict[str, str], language: str | None) -> date | None:
    year = int(parts["y"])
    if "n" in parts:
        month, day = MONTH.get(parts["n"].lower(), 0), int(parts["d"])
    elif "a" in parts:
        first, second = int(parts["a"]), int(parts["b"])
        if first <= 12 and second <= 12 and first != second and parts["s"] != "." and language in (None, "en"):
            return None
        day, month = (second, first) if second > 12 else (first, second)
    else:
        month, day = int(parts["m"]), int(parts["d"])
    try:
        return date(year, month, day)
    except ValueError:
        return None
