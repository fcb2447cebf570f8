"""Bytes become characters by what they are, not by what their labels say."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.extract.decode import decode, kind

TEXT = "Les conditions générales — « utilisation » coûtent 5 €"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (TEXT.encode("utf-8"), "text/html; charset=iso-8859-1"),
        (b"\xef\xbb\xbf" + TEXT.encode("utf-8"), ""),
        (b"\xff\xfe" + TEXT.encode("utf-16-le"), "text/html; charset=utf-8"),
        (TEXT.encode("utf-16-be"), ""),
        (TEXT.encode("cp1252"), "text/html; charset=iso-8859-1"),
        (b'<meta charset="windows-1252">' + TEXT.encode("cp1252"), "text/html"),
        (TEXT.encode("cp1252"), ""),
        (TEXT.encode("cp1252"), "text/html; charset=no-such-charset"),
        (TEXT.encode("cp1252"), "text/html; charset=base64"),
        (TEXT.encode("cp1252"), "text/html; charset=unicode_escape"),
    ],
)
def test_the_text_is_found_whatever_the_labels_say(body, content_type):
    assert decode(body, content_type).endswith(TEXT)


def test_a_charset_of_the_east_named_in_the_document_is_read():
    body = '<html><meta http-equiv="content-type" content="text/html; charset=Shift_JIS">利用規約①'.encode("cp932")

    assert decode(body, "text/html").endswith("利用規約①")


def test_a_body_cut_inside_a_character_is_still_utf8():
    assert decode("déjà vu é".encode()[:-1]) == "déjà vu \ufffd"


@given(st.binary(max_size=300), st.text(max_size=40))
def test_decoding_never_raises_and_never_leaves_nul(body, content_type):
    text = decode(body, content_type)

    assert "\x00" not in text
    assert isinstance(kind(body, content_type), str)


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (b"", "text/html", "empty"),
        (b" \r\n\x00", "text/html", "empty"),
        (b"%PDF-1.7 ...", "text/html", "pdf"),
        (b"<!doctype html><title>x</title>", "application/pdf", "html"),
        (b"\x89PNG\r\n\x1a\n\x00", "text/html", "image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", "text/html", "image"),
        (b"\x1f\x8b\x08\x00rest", "text/html", "binary"),
        (bytes(range(256)) * 20, "text/html", "binary"),
        (json.dumps({"a": [1, 2]}).encode(), "text/html", "json"),
        (b'<?xml version="1.0"?><rss><channel/></rss>', "application/xml", "xml"),
        (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><p>x</p></html>', "", "html"),
        (b"[Draft] Terms of Service\n\nHello.", "text/plain", "plain"),
        ("Conditions".encode("utf-16"), "text/plain", "plain"),
    ],
)
def test_the_bytes_say_what_they_are(body, content_type, expected):
    assert kind(body, content_type) == expected
