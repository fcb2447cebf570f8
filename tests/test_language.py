"""The language of a text by its own words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.extract.language import detect, words

SAMPLES = {
    "en": "You may not use the service if you do not agree to these terms and we will tell you before they change.",
    "fr": (
        "Vous ne pouvez pas utiliser le service si vous n'acceptez "
        "pas les conditions que nous avons publiées pour vous."
    ),
    "de": (
        "Sie dürfen den Dienst nicht nutzen, wenn Sie mit diesen "
        "Bedingungen nicht einverstanden sind, und wir sind frei."
    ),
    "es": (
        "Usted no puede usar el servicio si no está de acuerdo con "
        "los términos que se publican en esta página de la web."
    ),
    "it": (
        "Non puoi usare il servizio se non accetti le condizioni che sono pubblicate in questa pagina del nostro sito."
    ),
    "pt": (
        "Você não pode usar o serviço se não concorda com os termos que são publicados em nossa página da internet."
    ),
    "nl": (
        "U mag de dienst niet gebruiken als u het niet eens bent met "
        "de voorwaarden die wij op deze pagina hebben gezet."
    ),
    "pl": (
        "Nie możesz korzystać z usługi, jeżeli nie zgadzasz się na "
        "warunki, które są opublikowane na tej stronie i w aplikacji."
    ),
    "sv": (
        "Du får inte använda tjänsten om du inte godkänner villkoren "
        "som vi har lagt ut på den här sidan för dig och andra."
    ),
    "da": (
        "Du må ikke bruge tjenesten, hvis du ikke er enig i de vilkår, som vi har lagt på denne side for dig og andre."
    ),
    "cs": (
        "Službu nesmíte používat, pokud nesouhlasíte s podmínkami, které jsou zveřejněny na této stránce a v aplikaci."
    ),
    "ru": "Вы не можете использовать сервис, если вы не согласны с условиями, которые опубликованы на этой странице.",
    "tr": (
        "Bu koşulları kabul etmiyorsanız hizmeti kullanamazsınız ve "
        "bu sayfa için olan her şey bizim tarafımızdan yazıldı."
    ),
    "zh": "如果您不同意本条款，您不得使用本服务。我们会在修改前通知您。",
    "ja": "本規約に同意しない場合、本サービスを利用することはできません。",
    "ko": "본 약관에 동의하지 않으면 서비스를 이용할 수 없습니다.",
    "ar": "لا يجوز لك استخدام الخدمة إذا كنت لا توافق على هذه الشروط",
    "he": "אינך רשאי להשתמש בשירות אם אינך מסכים לתנאים אלה",
    "th": "คุณไม่สามารถใช้บริการได้หากคุณไม่ยอมรับข้อกำหนดเหล่านี้",
    "el": (
        "Δεν μπορείτε να χρησιμοποιήσετε την υπηρεσία αν δεν συμφωνείτε με τους όρους που είναι στη σελίδα μας για σας."
    ),
}


@pytest.mark.parametrize("language", SAMPLES)
def test_a_sentence_tells_its_language(language):
    assert detect(SAMPLES[language]) == language


def test_what_the_page_says_of_itself_decides_only_for_short_texts():
    assert detect("Impressum", "de-DE") == "de"
    assert detect(SAMPLES["en"] * 3, "de") == "en"


@pytest.mark.parametrize("text", ["", "12345 678", "§§ — …", "Zorb flib quux glarp wibble"])
def test_what_is_no_language_is_none(text):
    assert detect(text) is None


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), ("one, two - three", 3), ("it's twenty-one 3.5", 3), ("利用規約です", 3), ("a 利用 b", 3)],
)
def test_words_are_counted_as_readers_count_them(text, count):
    assert words(text) == count


@given(st.text(max_size=200), st.text(max_size=10) | st.none())
def test_any_text_and_any_hint_will_do(text, hint):
    assert detect(text, hint) is None or 2 <= len(detect(text, hint)) <= 3
    assert words(text) >= 0
