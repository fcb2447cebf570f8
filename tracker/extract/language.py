"""Which language a text is in, by its script and its commonest words, and how many words it has."""

from __future__ import annotations

import re
from collections import Counter

# The commonest little words of each language: facts of the language, kept short and mostly unshared.
WORDS = {
    "en": "the of and to in you your we our or that is for this with by not are be as on any may will from have if",
    "fr": (
        "le la les de des du et vous nous votre vos notre nos que qui est sont pour dans une un par sur avec ou "
        "au aux ce cette ces ne pas"
    ),
    "de": (
        "der die das und sie wir ihre ihr unsere unser von zu mit für auf ist sind werden wird nicht oder ein "
        "eine einer einem den dem des im bei als auch"
    ),
    "es": (
        "el la los las de del y que en usted su sus nuestro nuestra nuestros para con por una un no es son se lo "
        "al como puede o este esta"
    ),
    "it": (
        "il lo la gli le di del della dei delle e che in per con non una un sono è nostro nostri nostra suo sua "
        "si al alla dal dalla nel nella o questo"
    ),
    "pt": (
        "o a os as de do da dos das e que em no na para com por uma um não é são seu sua seus suas nosso nossa "
        "nossos você ao à ou se este esta"
    ),
    "nl": (
        "de het een en van in u uw wij we onze ons dat die te voor met op is zijn niet of aan door kan worden "
        "wordt deze dit als bij om"
    ),
    "pl": (
        "i w na z do nie się że jest oraz lub są przez dla od o po za jak które który która przy może użytkownik "
        "ich tym tego te"
    ),
    "sv": (
        "och att det som en på är av för med den till inte du vi din ditt dina vår våra kan om ett eller har dig "
        "oss från när"
    ),
    "da": (
        "og at det som en på er af for med den til ikke du vi din dit dine vores kan om et eller har dig os fra "
        "når vil der"
    ),
    "nb": (
        "og at det som en på er av for med den til ikke du vi din ditt dine vår våre kan om et eller har deg oss "
        "fra når vil hvis"
    ),
    "fi": (
        "ja on ei se että tai joka voi ovat kun sekä me te sen mukaan myös jos tämä tämän voimme käyttäjä olet "
        "niiden kuten mitä ole"
    ),
    "cs": (
        "a v na je se že s o do k z pro nebo jsou by které který která můžete jako podle při vašich naše vaše "
        "služby tím této jste za od"
    ),
    "sk": (
        "a v na je sa že s o do k z pre alebo sú by ktoré ktorý ktorá môžete ako podľa pri vašich naše vaše "
        "služby tým tejto ste za od"
    ),
    "hu": (
        "a az és hogy nem is egy ha vagy mint meg van lehet által az ön önnek illetve valamint kell ezt amely "
        "szerint csak"
    ),
    "ro": (
        "și de a în la cu pe care nu este sunt sau pentru din o un că se ale al lui prin dumneavoastră noastre "
        "noastră ca vă puteți"
    ),
    "tr": (
        "ve bir bu için ile da de olarak veya daha olan her gibi kadar tarafından siz sizin bizim ne değil olan "
        "kişisel hizmet ancak"
    ),
    "el": "και το να του η της με που για από την στο τα είναι σας μας δεν οι των σε ή θα στην τις",
    "ru": "и в на не что с по для или к от вы мы вас ваших наш это как при из о может быть если их также за",
    "uk": "і в на не що з до для або та від ви ми вас ваших наш це як при із про може бути якщо їх також за",
    "bg": "и на да за от се в не с че или са е по вие ние вашите ни тези като може при които към",
    "et": "ja on ei et või mis kui meie teie seda oma see ning kes ka võib selle teil nende",
    "lv": "un ir ar no par lai vai kas jūs mēs jūsu mūsu to var tiek ja kā uz pēc savu",
    "lt": "ir yra kad su iš ar jūs mes jūsų mūsų tai gali bei kaip jei apie už arba šis pagal",
    "sl": "in je da se na za v z ali ki so pri ne vaše naše lahko kot če bo po od ter tem",
    "hr": "i je da se na za u s ili koji su pri ne vaše naše možete kao ako će po od te koje",
    "ca": "el la els les de del i que en vostè nostre per amb una un no és són es al o aquest aquesta seva seves dels",
    "id": "yang dan di dengan untuk dari anda kami ini atau dalam tidak akan ke pada adalah dapat oleh sebagai itu",
    "vi": "và của các là cho được không trong với này có bạn chúng tôi những khi để hoặc từ theo về thể",
}
STOPWORDS = {language: frozenset(words.split()) for language, words in WORDS.items()}
LANGUAGES_OF = {
    word: [language for language, words in STOPWORDS.items() if word in words]
    for word in set().union(*STOPWORDS.values())
}
SCRIPTS = (
    ("ja", re.compile(r"[\u3041-\u30ff]"), 0.05),
    ("ko", re.compile(r"[\uac00-\ud7a3]"), 0.2),
    ("zh", re.compile(r"[\u4e00-\u9fff]"), 0.2),
    ("ar", re.compile(r"[\u0600-\u06ff]"), 0.3),
    ("he", re.compile(r"[\u0590-\u05ff]"), 0.3),
    ("th", re.compile(r"[\u0e00-\u0e7f]"), 0.3),
    ("hi", re.compile(r"[\u0900-\u097f]"), 0.3),
    ("bn", re.compile(r"[\u0980-\u09ff]"), 0.3),
    ("ta", re.compile(r"[\u0b80-\u0bff]"), 0.3),
    ("ka", re.compile(r"[\u10a0-\u10ff]"), 0.3),
    ("hy", re.compile(r"[\u0530-\u058f]"), 0.3),
)
PERSIAN = re.compile(r"[\u067e\u0686\u0698\u06af\u06cc]")
TOKEN = re.compile(r"[^\W\d_]+")
COUNTED = re.compile(r"[^\W_]+(?:['’.,-][^\W_]+)*")
IDEOGRAPH = re.compile(r"[\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3\u0e00-\u0e7f]")
SAMPLE = 20_000  # characters looked at


def words(text: str) -> int:
    """How many words a text has; in scripts without spaces two characters count as one word."""
    spaced, wide = text, 0
    if not text.isascii():
        wide = len(IDEOGRAPH.findall(text))
        spaced = IDEOGRAPH.sub(" ", text) if wide else text
    return len(COUNTED.findall(spaced)) + wide // 2


def detect(text: str, hint: str | None = None) -> str | None:
    """The language as a primary BCP 47 tag ("en"), or None where it cannot be told.

    `hint` is what the page says of itself (`html lang`): it decides only for texts under 30 words and between
    languages whose words give nearly the same score. By counting stop words; scripts decide where they can.
    """
    hint = (hint or "").strip().replace("_", "-").split("-")[0].lower()
    hint = {"no": "nb", "nn": "nb", "iw": "he", "in": "id"}.get(hint, hint)
    text = text[:SAMPLE]
    letters = sum(map(str.isalpha, text))
    if not letters:
        return None
    for language, pattern, share in SCRIPTS:
        if not text.isascii() and len(pattern.findall(text)) > share * letters:
            return "fa" if language == "ar" and len(PERSIAN.findall(text)) > 0.02 * letters else language
    tokens = Counter(TOKEN.findall(text.lower()))
    total = sum(tokens.values())
    known = hint if hint in STOPWORDS else None
    if total < 30 and known:
        return known
    return _by_stopwords(tokens, total, known)


def _by_stopwords(tokens: Counter[str], total: int, hint: str | None) -> str | None:
    scores = dict.fromkeys(STOPWORDS, 0)
    for word, count in tokens.items():
        for language in LANGUAGES_OF.get(word, ()):
            scores[language] += count
    best = max(scores, key=lambda language: (scores[language], language == "en"))
    if hint and scores[hint] >= 0.9 * scores[best]:
        best = hint
    return best if scores[best] >= max(0.12 * total, 2) else None
