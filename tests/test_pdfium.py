"""A PDF file that breaks the library that opens it breaks nothing else."""

import sys

import pytest

from tracker.extract import read
from tracker.model import Page, Source
from tracker.pdfium import printed_lines

URL = "https://tunely.example/terms.pdf"


@pytest.mark.parametrize("program", ["/bin/false", "/bin/true"])
def test_a_library_that_dies_or_says_nothing_is_a_page_without_text(monkeypatch, program):
    monkeypatch.setattr(sys, "executable", program)
    assert printed_lines(b"%PDF-1.7")["signals"] == ["empty", "unreadable"]
    found = read(Page(URL, "application/pdf", b"%PDF-1.7 ..."), Source(URL))
    assert (found.text, "unreadable" in found.signals) == ("", True)


def test_what_is_no_pdf_after_all_is_said():
    assert printed_lines(b"%PDF-1.7 rubbish")["signals"] == ["binary"]
