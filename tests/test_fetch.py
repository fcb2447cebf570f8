"""One polite request, against a real server on loopback, through everything that the web throws at it."""

import asyncio
import gzip
import ssl
import subprocess
from datetime import UTC, datetime
from hashlib import sha256

import loopback
import pytest

from tracker.errors import Blocked, FetchError, Gone, Refused, Transient
from tracker.fetch import Fetcher, is_public
from tracker.settings import Settings

NOON = datetime(2024, 2, 12, 12, tzinfo=UTC)
HERE = Settings(allow_loopback=True, timeout=1, max_bytes=1 << 20, contact="desk@example.org")


def fetch(*urls: str, settings: Settings = HERE, **validators: str):
    async def run():
        async with Fetcher(settings, lambda: NOON) as fetcher:
            return await asyncio.gather(*(fetcher.fetch(url, **validators) for url in urls))

    found = asyncio.run(run())
    return found[0] if len(found) == 1 else found


def two_members(request):
    packed = gzip.compress(b"part one") + gzip.compress(b"part two")
    loopback.answer(request, 200, packed, Content_Encoding="gzip")


def test_a_page_comes_with_all_that_proves_it(web):
    web.pages["/terms"] = loopback.conditional(b"<p>Terms</p>", '"v1"')
    response = fetch(f"{web.base}/terms")
    assert (response.status, response.body, response.fetched_at) == (200, b"<p>Terms</p>", NOON)
    assert response.header("ETag") == '"v1"'
    assert response.address == "127.0.0.1"
    assert response.wire_bytes == len(response.body)


@pytest.fixture
def secured(web, tmp_path):
    """The web behind TLS, and the file of the certificate that it shows."""
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1"
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    named = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate]
    subprocess.run([*command.split(), *named], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    web._server.socket = context.wrap_socket(web._server.socket, server_side=True)
    web.base = web.base.replace("http:", "https:")
    return certificate


def test_a_certificate_that_this_system_trusts_is_kept_with_the_page(web, secured, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(secured))
    web.pages["/terms"] = "<p>Terms</p>"
    response = fetch(f"{web.base}/terms")
    shown = ssl.PEM_cert_to_DER_cert(secured.read_text())
    assert (response.body, response.certificate) == (b"<p>Terms</p>", sha256(shown).hexdigest())


def test_a_certificate_that_nobody_trusts_is_refused(web, secured):
    web.pages["/terms"] = "<p>Terms</p>"
    with pytest.raises(Transient, match="(?i)certificate verify failed"):
        fetch(f"{web.base}/terms")
    assert not web.requests


def test_a_cookie_is_given_back_within_a_visit_and_forgotten_after_it(web):
    web.pages |= {"/terms": lambda r: loopback.answer(r, 302, Location="/wall", Set_Cookie="seen=1")}
    web.pages |= {"/wall": lambda r: loopback.answer(r, 200, (r.headers["Cookie"] or "none").encode())}
    came, without = fetch(f"{web.base}/terms", f"{web.base}/wall")
    assert (came.body, without.body) == (b"seen=1", b"none")


def test_it_says_who_asks_and_asks_for_gzip_only(web):
    web.pages["/terms"] = "x"
    fetch(f"{web.base}/terms")
    _, headers = web.requests[0]
    assert headers["User-Agent"].startswith("tracker/")
    assert "desk@example.org" in headers["User-Agent"]
    assert headers["Accept-Encoding"] == "gzip"
    assert "Cookie" not in headers


def test_a_page_that_did_not_change_is_not_sent_again(web):
    web.pages["/terms"] = loopback.conditional(b"<p>Terms</p>", '"v1"')
    response = fetch(f"{web.base}/terms", etag='"v1"')
    assert response.not_modified
    assert response.body == b""


def test_a_304_that_nobody_asked_for_is_an_error(web):
    web.pages["/terms"] = loopback.status(304)
    with pytest.raises(FetchError, match="status 304"):
        fetch(f"{web.base}/terms")


def test_redirects_are_followed_and_recorded(web):
    web.pages |= {"/a": loopback.redirect("/b", 301), "/b": loopback.redirect("/c#part"), "/c": "here"}
    response = fetch(f"{web.base}/a")
    assert response.url == f"{web.base}/a"
    assert response.final_url == f"{web.base}/c"
    assert response.redirects == ((301, f"{web.base}/a"), (302, f"{web.base}/b"))


@pytest.mark.parametrize(
    ("page", "error", "says"),
    [
        (loopback.status(403), Blocked, "status 403"),
        (loopback.status(429, Retry_After="30"), Blocked, "status 429"),
        (loopback.status(503, Retry_After="30"), Transient, "status 503"),
        (loopback.status(503, cf_mitigated="challenge"), Blocked, "Cloudflare"),
        (loopback.status(404), Gone, "status 404"),
        (loopback.status(410), Gone, "status 410"),
        (loopback.status(418), Blocked, "status 418"),
        (loopback.status(204), FetchError, "status 204"),
        (loopback.redirect("/page"), Refused, "circle"),
        (loopback.redirect("http://a..b/"), Refused, "not fetched"),
        (loopback.redirect("http://xn--a/"), Refused, "cannot be used"),
        (loopback.redirect(f"http://{'a' * 70}.example/"), Refused, "not fetched"),
        (two_members, Transient, "goes on after its end"),
        (loopback.redirect("file:///etc/passwd"), Refused, "Only http"),
        (loopback.redirect("http://user:secret@127.0.0.1/"), Refused, "user name"),
        (lambda request: loopback.answer(request, 302), FetchError, "where to"),
        (loopback.reset, Transient, "connection broke"),
        (loopback.half, Transient, "connection broke"),
        (loopback.endless, Refused, "larger than"),
        (loopback.compressed(b"\0" * (64 << 20)), Refused, "larger than"),
        (loopback.compressed(b"terms " * 1000, cut=20), Transient, "breaks off"),
        (lambda r: loopback.answer(r, 200, b"rubbish", Content_Encoding="gzip"), Transient, "damaged"),
        (lambda r: loopback.answer(r, 200, b"rubbish", Content_Encoding="br"), FetchError, "not asked for"),
        (loopback.slow(3), Transient, "not complete after"),
    ],
)
def test_each_failure_is_named_with_its_address_and_a_remedy(web, page, error, says):
    web.pages["/page"] = page
    with pytest.raises(error, match=says) as caught:
        fetch(f"{web.base}/page")
    assert type(caught.value) is error
    assert web.base in caught.value.where


def test_how_long_the_server_asks_to_wait_is_kept(web):
    web.pages["/page"] = loopback.status(503, Retry_After="30")
    with pytest.raises(Transient) as caught:
        fetch(f"{web.base}/page")
    assert caught.value.retry_after == 30


@pytest.mark.parametrize(
    ("said", "seconds"), [("Mon, 12 Feb 2024 13:00:00 GMT", 3600), ("Mon, 01 Jan 2001 00:00:00 GMT", 0), ("soon", None)]
)
def test_a_wait_may_be_said_as_a_date(web, said, seconds):
    web.pages["/page"] = loopback.status(503, Retry_After=said)
    with pytest.raises(Transient) as caught:
        fetch(web.base + "/page")
    assert caught.value.retry_after == seconds


def test_a_compressed_page_is_unpacked(web):
    body = b"<p>Terms of use</p>" * 1000
    web.pages["/page"] = loopback.compressed(body)
    response = fetch(f"{web.base}/page")
    assert response.body == body
    assert response.wire_bytes == len(gzip.compress(body))


def test_nobody_listens(web):
    address = web.base
    web.close()
    with pytest.raises(Transient, match="No connection"):
        fetch(f"{address}/page")


def test_a_host_is_asked_one_thing_at_a_time(web):
    web.pages |= {f"/{n}": loopback.slow(0.05) for n in range(4)}
    fetch(*(f"{web.base}/{n}" for n in range(4)))
    assert web.most_busy == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/",
        "http://localhost:{port}/",
        "http://2130706433:{port}/",
        "http://0x7f.1:{port}/",
        "http://[::1]:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://100.64.0.1/",
        "http://0.0.0.0:{port}/",
        "http://user@127.0.0.1:{port}/",
        "http://example.com\\@127.0.0.1:{port}/",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "javascript:alert(1)",
        "http://",
        "",
    ],
)
def test_addresses_that_are_not_public_are_never_dialled(web, url):
    web.pages["/"] = "secret"
    with pytest.raises(Refused):
        fetch(url.format(port=web.base.rpartition(":")[2]), settings=Settings(timeout=2))
    assert web.requests == []


def test_a_redirect_into_the_local_network_is_refused(web):
    web.pages["/"] = loopback.redirect("http://10.0.0.1/")
    with pytest.raises(Refused, match=r"10\.0\.0\.1"):
        fetch(f"{web.base}/")


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.0.1", False),
        ("100.64.0.1", False),
        ("169.254.1.1", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("fec0::1", False),
        ("3fff::1", False),
        ("192.88.99.1", False),
        ("2a00::5efe:7f00:1", False),
        ("168.63.129.16", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("ff02::1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("2001:0:4136:e378:8000:63bf:80ff:fffe", False),
    ],
)
def test_what_is_a_public_address(address, public):
    assert is_public(address) is public
