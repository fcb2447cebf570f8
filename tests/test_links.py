"""A link target keeps where it leads and loses what changes from visit to visit: one test for each rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.extract.links import email, target

PAGE = "https://example.org/legal/terms"


@pytest.mark.parametrize(
    ("rule", "href", "expected"),
    [
        ("relative", "../privacy", "https://example.org/privacy"),
        ("scheme", "//cdn.example.org/a", "https://cdn.example.org/a"),
        ("campaign", "/x?utm_source=mail&fbclid=1&page=2", "https://example.org/x?page=2"),
        ("session", "/x;jsessionid=4AF3?sid=abc&lang=en", "https://example.org/x?lang=en"),
        ("nonce", "/x?nonce=77&ts=1712345", "https://example.org/x"),
        (
            "signed",
            "https://b.example.org/f.pdf?X-Amz-Signature=0a&X-Amz-Date=1&v=2",
            "https://b.example.org/f.pdf?v=2",
        ),
        (
            "redirector",
            "https://l.facebook.com/l.php?u=https%3A%2F%2Fexample.net%2Fp&h=AT0",
            "https://example.net/p",
        ),
        (
            "redirect path",
            "https://example.net/redirect/v1.0a1b2c3d4e5f6a7b8c9d/website/https%3A%2F%2Fexample.com%2Fp",
            "https://example.com/p",
        ),
        ("opaque path", "/r/0123456789abcdef0123456789abcdef/view", "https://example.org/r/…/view"),
        ("opaque value", "/x?k=3f2504e0-4f89-11d3-9a0c-0305e82c3301&a=b", "https://example.org/x?a=b"),
        ("text fragment", "/x#:~:text=hello", "https://example.org/x"),
        ("mail", "mailto:privacy%40example.org?subject=Hi", "mailto:privacy@example.org"),
        ("spaces", " /a b ", "https://example.org/a%20b"),
        ("brackets", "/a(b)<c>", "https://example.org/a%28b%29%3Cc%3E"),
    ],
)
def test_a_target_is_made_absolute_and_steady(rule, href, expected):
    assert target(href, PAGE) == expected, rule


def test_ordinary_addresses_stay_as_they_are():
    for url in (
        "https://example.org/terms-of-service-2024-update?lang=en&version=3#section-2",
        "https://example.org/2024/05/28/privacy",
        "https://example.org/Terms_of_Service_for_Developers",
    ):
        assert target(url, PAGE) == url


@pytest.mark.parametrize(
    "href", ["", "#top", PAGE + "#top", "javascript:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "http://[x"]
)
def test_what_leads_nowhere_is_no_target(href):
    assert target(href, PAGE) == ""


def test_a_declaration_may_name_more_parameters_to_drop():
    assert target("/x?Variant=3&a=1", PAGE, ("variant",)) == "https://example.org/x?a=1"


def test_a_redirector_that_points_at_itself_ends():
    url = "https://l.facebook.com/l.php?u=https://l.facebook.com/l.php?u=https://l.facebook.com/l.php"

    assert target(url, PAGE).startswith("https://l.facebook.com/")


@given(st.text(max_size=120), st.text(max_size=40))
def test_no_href_raises_or_breaks_a_markdown_link(href, base):
    found = target(href, base)

    assert not set(found) & set(' ()<>"\n\t')


def test_a_hidden_address_is_the_same_for_every_key():
    def hide(address: str, key: int) -> str:
        return bytes([key, *(byte ^ key for byte in address.encode())]).hex()

    assert {email(hide("privacy@example.org", key)) for key in range(1, 255)} == {"privacy@example.org"}


@pytest.mark.parametrize("cipher", ["", "zz", "0", "00", "414243", "é" * 10, "00" * 300])
def test_what_hides_no_address_gives_none(cipher):
    assert email(cipher) == ""
