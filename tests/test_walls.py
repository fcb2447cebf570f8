"""Walls speak in phrases; terms that speak of walls are not walls."""

import pytest

from tracker.extract.walls import said


@pytest.mark.parametrize(
    ("signal", "text"),
    [
        ("bot-wall", "Just a moment... Verifying you are human. This may take a few seconds."),
        ("bot-wall", "Access Denied You don't have permission to access this page on this server."),
        ("bot-wall", "Our systems have detected unusual traffic from your computer network."),
        ("bot-wall", "Zugriff verweigert"),
        ("error-page", "Application error: a client-side exception has occurred"),
        ("error-page", "This page isn't available right now. Try reloading."),
        ("error-page", "404 Page not found"),
        ("error-page", "Le site est en cours de maintenance."),
        ("error-page", "Es ist ein Fehler ist aufgetreten"),
        ("error-page", "ページが見つかりません"),
        ("login", "Sign in to continue. Forgot your password?"),
        ("consent", "Before you continue to Example: we use cookies."),
        ("consent", "You must be 18 years or older to enter this site."),
        ("shell", "You need to enable JavaScript to run this app."),
        ("shell", "Vous devez activer JavaScript"),
    ],
)
def test_a_wall_is_known_by_its_words(signal, text):
    assert signal in said("", text, len(text.split()))


def test_the_title_counts_as_well():
    assert said("Just a moment...", "Example", 1) == ["bot-wall"]


def test_long_pages_are_no_walls_whatever_they_say():
    assert said("Terms", "You may be asked to solve a captcha. Page not found. " * 60, 600) == []


def test_short_terms_may_ask_for_an_age():
    assert said("Terms", "You must be 18. No refunds.", 6) == []


def test_phrases_that_terms_use_count_only_at_the_top():
    text = "Be kind to each other at all times here. " * 14 + "You must be at least 18. Please sign in to view it."

    assert said("Community rules", text, 126) == []


def test_short_terms_may_speak_of_logins_and_errors_further_down():
    text = "Acceptable use. " + "Be kind to each other here. " * 45 + "You must log in to view it. Access denied."

    assert said("Acceptable use", text, 230) == []
