"""Only what a document says of itself, near its top or its end, counts as its date."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.extract.dates import effective, find, stated

DAY = date(2026, 3, 25)


@pytest.mark.parametrize(
    ("line", "language"),
    [
        ("Last updated: March 25, 2026", "en"),
        ("Last Updated on 25th of March 2026", "en"),
        ("**Last modified** 2026-03-25", "en"),
        ("Revised 25-Mar-2026", "en"),
        ("Updated: 3/25/2026", "en"),
        ("Zuletzt geändert am 25. März 2026", "de"),
        ("Stand: 25.03.2026", "de"),
        ("Dernière mise à jour : 25 mars 2026", "fr"),
        ("Mise à jour le 25/03/2026", "fr"),
        ("Última actualización: 25 de marzo de 2026", "es"),
        ("Ultimo aggiornamento: 25 marzo 2026", "it"),
        ("Última atualização: 25 de março de 2026", "pt"),
        ("Laatst bijgewerkt: 25 maart 2026", "nl"),
        ("Ostatnia aktualizacja: 25 marca 2026", "pl"),
        ("Senast uppdaterad: 25 mars 2026", "sv"),
        ("Последнее обновление: 25 марта 2026 г.", "ru"),
        ("更新日期：2026年3月25日", "zh"),
        ("最終更新日：2026年3月25日", "ja"),
        ("최종 업데이트: 2026년 3월 25일", "ko"),
        ("Son güncelleme: 25 Mart 2026", "tr"),
    ],
)
def test_a_document_states_when_it_was_last_changed(line, language):
    assert stated(f"# Terms\n\n{line}\n\nSome text follows here.", language) == DAY


@pytest.mark.parametrize(
    ("line", "language"),
    [
        ("Effective date: March 25, 2026", "en"),
        ("These terms take effect on 25 March 2026.", "en"),
        ("Effective as of 2026-03-25", "en"),
        ("These Terms apply from 25 March 2026", "en"),
        ("These Terms will apply to you as of March 25, 2026.", "en"),
        ("They apply to existing users starting March 25, 2026.", "en"),
        ("This policy is applicable from 25 March 2026", "en"),
        ("In force as of 25 March 2026", "en"),
        ("The changes come into force on 25 March 2026", "en"),
        ("With effect from 25 March 2026", "en"),
        ("Diese Bedingungen gelten ab dem 25. März 2026", "de"),
        ("Die Fassung gilt für alle Nutzer ab dem 25. März 2026", "de"),
        ("Geändert mit Wirkung zum 25. März 2026", "de"),
        ("La présente version s'applique à partir du 25/03/2026", "fr"),
        ("Elles s’appliqueront à compter du 25 mars 2026", "fr"),
        ("Version applicable à compter du 25 mars 2026", "fr"),
        ("Estas condiciones se aplican a partir del 25 de marzo de 2026", "es"),
        ("Con efecto a partir del 25 de marzo de 2026", "es"),
        ("Le condizioni si applicano a partire dal 25 marzo 2026", "it"),
        ("Estes termos aplicam-se a partir de 25 de março de 2026", "pt"),
        ("Deze voorwaarden zijn van toepassing vanaf 25 maart 2026", "nl"),
        ("Gültig ab 25. März 2026", "de"),
        ("Diese Fassung tritt am 25. März 2026 in Kraft.", "de"),
        ("En vigueur à compter du 25 mars 2026", "fr"),
        ("Date d'entrée en vigueur : 25/03/2026", "fr"),
        ("Fecha de entrada en vigor: 25 de marzo de 2026", "es"),
        ("In vigore dal 25 marzo 2026", "it"),
        ("Data de vigência: 25 de março de 2026", "pt"),
        ("Ingangsdatum: 25 maart 2026", "nl"),
        ("Obowiązuje od 25 marca 2026", "pl"),
        ("生效日期：2026年3月25日", "zh"),
        ("Дата вступления в силу: 25 марта 2026 г.", "ru"),
    ],
)
def test_a_document_says_from_when_it_applies(line, language):
    assert effective(f"# Terms\n\n{line}\n\nSome text follows here.", language) == DAY


@pytest.mark.parametrize(
    "line",
    [
        "Fees apply from the moment you order, also for orders of 25 March 2026.",
        "These rules apply to orders made from 25 March 2026.",
        "Il s'applique à partir du moment où vous commandez, comme le 25 mars 2026.",
    ],
)
def test_what_applies_to_something_else_is_no_date_of_the_document(line):
    assert effective(line, "en") is None


def test_the_two_dates_are_kept_apart():
    text = "Last updated: 1 March 2026\n\nEffective date: 25 March 2026"

    assert (stated(text, "en"), effective(text, "en")) == (date(2026, 3, 1), DAY)


def test_the_end_of_a_text_may_say_it_too():
    assert stated("word " * 3000 + "\n\nLast updated: March 25, 2026", "en") == DAY


def test_dates_in_the_middle_or_without_a_label_say_nothing():
    assert stated("On March 25, 2026 the Act came out.", "en") is None
    assert stated("word " * 2000 + "Last updated: March 25, 2026. " + "word " * 2000, "en") is None


def test_a_date_that_could_be_two_is_none_in_english_and_the_day_first_elsewhere():
    assert find("03/04/2026", "en") is None
    assert find("03/04/2026", "fr") == date(2026, 4, 3)
    assert find("04/04/2026", "en") == date(2026, 4, 4)


@pytest.mark.parametrize("text", ["31 February 2026", "99/99/2026", "2026-13-40", "May 2026", "Version 25"])
def test_no_day_is_made_up(text):
    assert find(text, "en") is None


@given(st.text(max_size=300), st.sampled_from(["en", "fr", None]))
def test_any_text_will_do(text, language):
    for found in (stated("Updated " + text, language), effective("Effective " + text, language)):
        assert found is None or 1900 <= found.year <= 2099


def test_a_long_line_costs_little():
    for text in ("1 " * 500_000, "updated " * 120_000, "effective 2026 " * 60_000):
        stated(text, "en")
        effective(text, "en")
