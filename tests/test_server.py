"""The live site as readers, programs and strangers meet it: the static site's pages, guarded, and nothing else."""

import csv
import json
import threading
from contextlib import contextmanager
from datetime import timedelta

import histories
import httpx
import pytest
from starlette.requests import Request

from tracker import pages, server
from tracker.errors import NotFound
from tracker.store import Store, derived

CHANGE = "/change/tunely/terms-of-use/2024-02-05-060000/"


@contextmanager
def serving(archive, embargo=timedelta()):
    """A client of the live site of an archive, served over real HTTP."""
    path = getattr(archive, "path", archive)
    running, opened = server.serve(path, histories.ruleset(), "", "127.0.0.1", 0, embargo)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [opened]}, daemon=True)
    thread.start()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{opened.getsockname()[1]}", timeout=30) as client:
            yield client
    finally:
        running.should_exit = True
        thread.join(10)
        opened.close()


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return histories.sample(tmp_path_factory.mktemp("server") / "tracker.db")


@pytest.fixture(scope="module")
def client(archive):
    with serving(archive) as found:
        yield found


ADDRESSES = [
    "/",
    CHANGE,
    "/version/tunely/terms-of-use/2024-02-05-060000/",
    "/document/tunely/terms-of-use/",
    "/platform/tunely/",
    "/changes/2024/",
    "/changes/2024/02/",
    "/topic/training/",
    "/coverage/",
    "/data/",
    "/feeds/",
    "/rules/",
    "/rules/training.models/",
    "/stance/",
    "/method/",
]
ASKED = ["/changes/", "/compare/", "/search/"]


@pytest.mark.parametrize("address", ADDRESSES + ASKED)
def test_every_kind_of_page_is_answered_with_its_twin_and_guarded(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert client.get(f"{address}index.json").json()["title"]
    assert client.get(f"{address}index.html").text == answer.text


def test_the_live_twin_is_the_static_one(client, archive, tmp_path):
    from test_site import build

    build(archive.path, tmp_path / "site", raw=True)
    for address in ADDRESSES:
        static = json.loads((tmp_path / "site" / address.strip("/") / "index.json").read_bytes())
        assert client.get(f"{address}index.json").json() == static


def test_links_of_a_live_page_name_folders(client):
    page = client.get(CHANGE).text
    assert 'href="../../../../platform/tunely/"' in page
    assert "index.html" not in page


def test_an_answer_that_the_reader_has_is_not_sent_again(client):
    tag = client.get(CHANGE).headers["etag"]
    again = client.get(CHANGE, headers={"If-None-Match": f'"other", W/{tag}'})
    assert (again.status_code, again.content) == (304, b"")


def test_a_check_shows_at_the_next_answer(tmp_path):
    archive = histories.sample(tmp_path / "tracker.db")
    with serving(archive) as client:
        before = client.get("/").text
        archive.look(histories.page(histories.LICENCE, stated="1 May 2024"))
        after = client.get("/")
        assert after.text != before
        assert "drops" in after.text or "removed" in after.text.lower()
        assert client.get("/", headers={"If-None-Match": after.headers["etag"]}).status_code == 304


def test_a_page_that_compares_texts_is_kept_while_other_documents_are_checked(tmp_path, monkeypatch):
    archive = histories.sample(tmp_path / "tracker.db")
    made, whole = [], pages.change_pages
    monkeypatch.setattr(pages, "change_pages", lambda *rest: made.append(1) or whole(*rest))
    with serving(archive) as client:
        first = client.get(CHANGE).content
        archive.look(histories.page(histories.LICENCE), platform="Still")
        assert client.get(CHANGE).content == first
        assert len(made) == 1
        archive.look(histories.page(histories.LICENCE, stated="1 May 2024"))
        assert b"2 times" in client.get(CHANGE).content
        assert len(made) == 2


def test_the_list_of_changes_is_read_again_only_when_a_change_was_written(tmp_path, monkeypatch):
    archive = histories.sample(tmp_path / "tracker.db")
    read, whole = [], derived.changes
    monkeypatch.setattr(derived, "changes", lambda store, *rest: read.append(rest) or whole(store, *rest))
    with serving(archive) as client:
        first = client.get("/changes/index.json").json()
        archive.look(histories.page(histories.LICENCE), platform="Still")
        client.get("/changes/index.json")
        assert read.count(()) == 1
        archive.look(histories.page(histories.LICENCE, stated="1 May 2024"))
        assert len(client.get("/changes/index.json").json()["changes"]) == len(first["changes"]) + 1
        with Store.write(archive.path) as store, store.transaction():
            store.db.execute("update document set platform = 'Tunely by another name'")
        assert "another name" in client.get("/changes/").text


@pytest.mark.parametrize(
    "path",
    [
        "/no/",
        "/change/",
        "/change/tunely/",
        "/change/tunely/terms-of-use/2024-13-45-999999/",
        "/version/tunely/terms-of-use/yesterday/",
        "/document/tunely/nothing/",
        "/platform/%00/",
        "/changes/2099/",
        "/changes/?sheet=2",
        "/topic/weather/",
        "/rules/none.such/",
        "/compare/?document=tunely/none",
        "/search/?q=train&sheet=9",
        "/compare/?document=tunely/terms-of-use&to=1999",
        "/changes/abc/",
        "/assets/../../pyproject.toml",
        "/assets/%2e%2e/site.css",
        "/raw/zzz",
        "/raw/" + "0" * 64,
        "/%ff%fe/",
        "/" + "a" * 5000 + "/",
        "/<script>alert(1)</script>/",
    ],
)
def test_what_is_not_there_is_a_page_that_says_what_to_do(client, path):
    answer = client.get(path)
    if answer.status_code == 308:
        answer = client.get(answer.headers["location"])
    assert answer.status_code == 404
    assert "All changes" in answer.text
    assert "<script>alert" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "query",
    [
        "/changes/?since=yesterday",
        "/changes/?until=2024-99-01",
        "/changes/?sheet=0",
        "/changes/?sheet=-1",
        "/changes/?sheet=1e9",
        "/changes/?sheet=٣",
        "/search/?q=()",
        "/search/?q=train&at=then",
        "/search/?q=train&sheet=x",
        "/search/?q=train&stance=a:b",
        "/search/?q=train&state=maybe",
        "/compare/?document=tunely/terms-of-use&from=soon",
        "/compare/?document=tunely/terms-of-use&to=99999-1-1",
    ],
)
def test_what_cannot_be_read_is_an_error_of_the_one_who_asked(client, query):
    answer = client.get(query)
    assert answer.status_code == 400
    assert "All changes" in answer.text


def test_feeds_are_answered_live_and_say_what_they_are(client):
    for name, kind in (("atom.xml", "application/atom+xml"), ("feed.json", "application/feed+json")):
        for scope in ("all", "flagged", "topic/training", "platform/tunely", "document/tunely/terms-of-use"):
            answer = client.get(f"/feeds/{scope}/{name}")
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith(kind)
    assert client.get("/feeds/platform/none/atom.xml").status_code == 404


def test_any_clause_has_its_history_live(client):
    found = client.get(f"{CHANGE}index.json").json()
    address = found["flagged"][0]["history"]
    page = client.get(f"/{address}")
    assert page.status_code == 200
    assert "Since when does it say that?" in page.text
    assert histories.TRAINING in page.text
    steps = client.get(f"/{address}index.json").json()["steps"]
    assert [step["kind"] for step in steps] == ["added", "reworded"]
    for wrong in ("clause/tunely/terms-of-use/0123456789abcdef/", "clause/no/such/x/", "clause/", "clause/tunely/"):
        assert client.get(f"/{wrong}").status_code == 404


def test_tables_are_answered_as_csv(client):
    answer = client.get("/data/changes.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(answer.text.splitlines()))
    assert [row["document"] for row in rows] == ["tunely/terms-of-use"] * 2
    assert rows[1]["stance_after"] == "training:permits"
    assert client.get(f"/{rows[1]['page']}").status_code == 200
    assert len(list(csv.DictReader(client.get("/data/documents.csv").text.splitlines()))) == 2
    assert client.get("/data/secrets.csv/").status_code == 404


# ---- forms -------------------------------------------------------------------------------------------------------


def headlines(client, query: str) -> list[str]:
    return [one["headline"] for one in client.get(f"/changes/index.json?{query}").json()["changes"]]


def test_changes_are_filtered_by_what_the_form_asks(client):
    every = headlines(client, "")
    assert len(every) == 2
    assert headlines(client, "topic=training") == every
    assert len(headlines(client, "stance=training:permits")) == 1
    assert headlines(client, "kind=other") == []
    assert headlines(client, "platform=still") == []
    assert headlines(client, "platform=tunely&since=2024-03-01") == every[:1]
    assert headlines(client, "until=2024-03-01") == every[1:]
    assert "No change fits" in client.get("/changes/?platform=<script>").text


def test_any_two_versions_are_compared(client):
    page = client.get("/compare/?document=tunely/terms-of-use").text
    assert "<ins>" in page
    assert histories.PROMISE.split()[3] in page
    same = client.get("/compare/index.json?document=tunely/terms-of-use&from=2024-02&to=2024-02").json()
    assert (same["result"]["flagged"], same["result"]["changed"]) == ([], [])


def test_versions_of_two_documents_are_compared(client):
    found = client.get("/compare/index.json?document=still/terms-of-use&other=tunely/terms-of-use").json()
    assert found["result"]["names"][0].startswith("Still")
    assert len(found["result"]["flagged"]) == 1


def hits(client, query: str) -> list[dict]:
    return client.get(f"/search/index.json?{query}").json()["result"]["hits"]


def test_clauses_are_found_in_force_at_any_time_or_on_a_day(client):
    [now] = hits(client, "q=train+artificial")
    assert now["in_view"]
    assert "".join(piece["text"] for piece in now["pieces"]) == histories.PROMISE
    assert {piece["text"] for piece in now["pieces"] if piece.get("mark")} == {"train", "artificial"}
    assert len(hits(client, "q=train+artificial&state=ever")) == 2
    assert hits(client, "q=train+artificial&at=2024-02-03") == []
    assert hits(client, "q=train&platform=still") == []
    assert len(hits(client, "stance=training:opt-in")) == 1
    page = client.get(client.get("/search/?q=train").text.split('class="hit">')[1].split('href="')[1].split('"')[0][2:])
    assert page.status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "' OR 1=1 --",
        '"; drop table clause; --',
        "NEAR(a b, 3)",
        "col:train",
        "train*",
        '"un(closed',
        "a AND",
        "^x",
        "—",
        "%",
    ]
    + ["train " * 60, "x" * 3000, "\u202e\x00<script>alert(1)</script>"],
)
def test_nothing_that_people_type_breaks_the_search(client, query):
    answer = client.get("/search/", params={"q": query})
    assert answer.status_code in (200, 400)
    assert "not know" not in answer.text
    assert "<script>alert" not in answer.text


def test_errors_are_json_where_json_was_asked_for(client):
    answer = client.get("/document/tunely/nothing/index.json")
    assert answer.status_code == 404
    assert answer.json()["remedy"]


def test_an_address_without_its_slash_leads_on_and_never_to_another_host(client):
    assert client.get("/coverage").headers["location"] == "/coverage/"
    assert client.get(f"{client.base_url}//evil.example/x").headers.get("location", "/").startswith("/evil.example")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_can_be_written(client, method):
    answer = client.request(method, "/")
    assert answer.status_code == 405
    assert "only be read" in answer.text


def test_raw_bytes_come_as_a_download_or_as_text_and_never_as_a_page(client, archive):
    with Store.read(archive.path) as store:
        capture = store.capture(1)
        raw = store.raw(1)
    download = client.get(f"/raw/{capture.sha256}")
    assert download.content == raw
    assert download.headers["content-type"] == "application/octet-stream"
    assert "attachment" in download.headers["content-disposition"]
    text = client.get(f"/raw/{capture.sha256}.txt")
    assert text.content == raw
    assert text.headers["content-type"].startswith("text/plain")
    assert text.headers["x-content-type-options"] == "nosniff"


def test_the_card_of_a_change_is_drawn_when_it_is_asked_for(client):
    card = client.get(f"{CHANGE}card.png")
    assert card.headers["content-type"] == "image/png"
    assert card.content.startswith(b"\x89PNG")
    assert client.get("/coverage/card.png").status_code == 404


def test_a_local_server_answers_under_its_own_names_only(client):
    assert client.get("/", headers={"Host": "localhost:8000"}).status_code == 200
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400


def test_an_archive_that_is_not_there_is_said_before_serving(tmp_path):
    with pytest.raises(NotFound):
        server.application(tmp_path / "none.db", histories.ruleset())


def test_an_archive_that_goes_away_is_an_error_page(tmp_path):
    archive = histories.sample(tmp_path / "tracker.db")
    with serving(archive) as client:
        archive.path.rename(tmp_path / "moved.db")
        assert client.get("/").status_code == 404


def test_answers_that_are_kept_stay_within_bounds_whatever_is_asked(archive, monkeypatch):
    desk = server.Desk(archive.path, histories.ruleset(), "")
    monkeypatch.setattr(server, "KEPT_BYTES", 100_000)
    for n in range(40):
        desk.page(Request({"type": "http", "query_string": f"x={n}".encode(), "headers": [], "path": "/"}), "")
    assert desk.kept
    assert sum(len(one.body) for one in desk.kept.values()) <= 100_000
