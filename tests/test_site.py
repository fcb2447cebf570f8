"""The static site as files: complete, the same every time, safe, and never in the way of what is not ours."""

import json
import shutil
import threading
from hashlib import sha256
from html.parser import HTMLParser
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import unquote, urldefrag

import histories
import pytest
from payloads import PAYLOADS

from tracker import card, site
from tracker.errors import FetchError, TrackerError
from tracker.store import Store, witnesses


class Links(HTMLParser):
    """The addresses that a page refers to, and the anchors that it has."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.anchors: list[str] = []
        self.tags: list[tuple[str, dict]] = []
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        self.targets += [attributes[name] for name in ("href", "src") if attributes.get(name)]
        self.anchors += [attributes["id"]] if "id" in attributes else []


def build(archive: Path, out: Path, **options) -> site.Built:
    with Store.read(archive) as store:
        return site.build(store, out, histories.ruleset(), **options)


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return histories.sample(tmp_path_factory.mktemp("site") / "tracker.db")


@pytest.fixture(scope="module")
def built(archive, tmp_path_factory):
    out = tmp_path_factory.mktemp("built") / "site"
    build(archive.path, out)
    return out


# ---- what there is -----------------------------------------------------------------------------------------------


def test_every_kind_of_page_is_there_with_its_twin(built):
    for address in (
        "",
        "change/tunely/terms-of-use/2024-02-05-060000/",
        "version/tunely/terms-of-use/2024-02-05-060000/",
        "document/tunely/terms-of-use/",
        "platform/tunely/",
        "changes/",
        "changes/2024/",
        "changes/2024/02/",
        "topic/training/",
        "compare/",
        "coverage/",
        "rules/",
        "rules/training.models/",
        "stance/",
        "data/",
        "feeds/",
        "search/",
        "method/",
    ):
        assert (built / address / "index.html").is_file()
        assert json.loads((built / address / "index.json").read_bytes())["title"]


def test_no_link_and_no_anchor_of_the_site_is_broken(built):
    pages = {path: Links(path) for path in built.rglob("*.html")}
    for path, page in pages.items():
        for target in page.targets:
            if target.startswith(("http://", "https://", "mailto:")):
                continue
            address, anchor = urldefrag(target)
            found = (path.parent / unquote(address.partition("?")[0])).resolve() if address else path
            assert found.is_file(), f"{path}: {target}"
            assert not anchor or unquote(anchor) in pages[found].anchors, f"{path}: {target}"


def test_no_page_has_the_same_anchor_twice(built):
    for path in built.rglob("*.html"):
        anchors = Links(path).anchors
        assert len(anchors) == len(set(anchors)), path


def test_pages_ask_no_other_host_for_anything(built):
    for path in built.rglob("*.html"):
        for tag, attributes in Links(path).tags:
            if tag != "a":
                assert "//" not in (attributes.get("src") or attributes.get("href") or ""), path


def test_a_copy_that_another_archive_kept_shows_on_the_pages_that_rest_on_it(tmp_path):
    archive = histories.sample(tmp_path / "tracker.db")
    build(archive.path, tmp_path / "site")
    page = tmp_path / "site/change/tunely/terms-of-use/2024-02-05-060000/index.html"
    assert "Not asked for by us" in page.read_text("utf-8")
    proof = json.loads(page.with_name("index.json").read_bytes())["proof"]["after"]
    with Store.write(archive.path) as store, store.transaction():
        number = store.row("select id from capture where at = ?", proof["captures"][0]["at"])["id"]
        kept = witnesses.Witness(number, archive.at, "kept", "https://web.archive.org/web/20240205/x")
        witnesses.keep(store, kept)
    build(archive.path, tmp_path / "site")
    assert "Kept by another archive" in page.read_text("utf-8")


def test_raw_bytes_are_published_as_text_where_they_are_asked_for(archive, built, tmp_path):
    assert not (built / "raw").exists()
    build(archive.path, tmp_path, raw=True)
    page = json.loads((tmp_path / "change/tunely/terms-of-use/2024-02-05-060000/index.json").read_bytes())
    [capture] = page["proof"]["after"]["captures"]
    assert sha256((tmp_path / capture["raw"]).read_bytes()).hexdigest() == capture["sha256"]
    assert {path.suffix for path in (tmp_path / "raw").iterdir()} == {".txt"}


def test_the_page_of_a_change_stays_small_however_much_changed(tmp_path):
    archive = histories.Archive(tmp_path / "tracker.db")
    old = [
        f"Point {n}: we may use what you upload in {n} ways to train our artificial intelligence." for n in range(400)
    ]
    new = [
        one.replace("we may use", f"you agree that for {n} years we and others may use") for n, one in enumerate(old)
    ]
    archive.look(histories.page(*old))
    archive.look(histories.page(*new, "train artificial intelligence " * 70_000))
    archive.look(histories.page(*new, "train artificial intelligence " * 70_000))
    build(archive.path, tmp_path / "site")
    [page] = (tmp_path / "site/change/tunely/terms-of-use").glob("2*/index.html")
    assert page.stat().st_size < 150_000
    assert "flagged clauses are shown here" in page.read_text("utf-8")
    assert (page.parent / "all/index.html").is_file()


# ---- the same again ----------------------------------------------------------------------------------------------


def test_the_same_archive_gives_the_same_bytes(archive, built, tmp_path):
    build(archive.path, tmp_path / "again")
    assert files(tmp_path / "again") == files(built)


def test_a_second_build_writes_nothing(archive, built):
    again = build(archive.path, built)
    assert (again.written, again.removed) == (0, 0)
    assert again.pages == len(list(built.rglob("index.html")))


def test_a_file_that_was_lost_is_written_again(archive, built, tmp_path):
    out = tmp_path / "site"
    shutil.copytree(built, out)
    (out / "version/tunely/terms-of-use/2024-02-02-060000/index.html").unlink()
    assert build(archive.path, out).written == 1
    assert files(out) == files(built)


def test_one_more_check_rewrites_only_what_says_how_it_stands_today(tmp_path):
    archive = histories.sample(tmp_path / "tracker.db")
    build(archive.path, tmp_path / "site")
    before = files(tmp_path / "site")
    archive.look(histories.page(histories.LICENCE, histories.PROMISE, stated="1 April 2024"))
    build(archive.path, tmp_path / "site")
    after = files(tmp_path / "site")
    changed = {name for name in before if before[name] != after[name] and name.endswith(".html")}
    assert "index.html" in changed
    assert "document/tunely/terms-of-use/index.html" in changed
    assert not any("2024-02-0" in name or "still" in name for name in changed)


def test_one_more_change_adds_its_pages(tmp_path):
    archive = histories.sample(tmp_path / "tracker.db")
    build(archive.path, tmp_path / "site")
    archive.look(histories.page(histories.LICENCE, stated="1 May 2024"))
    build(archive.path, tmp_path / "site")
    assert (tmp_path / "site/change/tunely/terms-of-use/2024-03-20-060000/index.html").is_file()


def test_a_change_that_is_no_more_keeps_a_page_that_says_so(tmp_path):
    """Addresses that were published are never lost, also when reading the captures again dissolves a change."""
    archive = histories.sample(tmp_path / "tracker.db")
    out = tmp_path / "site"
    build(archive.path, out)
    with Store.write(archive.path) as store, store.transaction():
        store.db.execute("delete from clause_change")
        store.db.execute("delete from change")
    build(archive.path, out)
    page = (out / "change/tunely/terms-of-use/2024-02-05-060000/index.html").read_text("utf-8")
    assert "dissolved" in page
    assert build(archive.path, out).written == 0
    assert "dissolved" in (out / "change/tunely/terms-of-use/2024-02-05-060000/index.html").read_text("utf-8")


def test_progress_is_told_from_the_first_document_to_the_last(archive, tmp_path):
    told = []
    build(archive.path, tmp_path / "site", progress=lambda done, total, what: told.append((done, total)))
    assert told[0] == (0, 2)
    assert told[-1] == (2, 2)


def test_a_clause_that_was_ever_flagged_has_a_page_and_one_that_was_not_has_none(built):
    pages = [json.loads(path.read_bytes()) for path in (built / "clause").rglob("index.json")]
    assert {page["text"] for page in pages} == {histories.PROMISE}
    assert [step["kind"] for page in pages for step in page["steps"]] == ["added", "reworded"]


def test_the_page_of_a_clause_tells_of_others_who_say_it_from_the_next_build_on(tmp_path):
    archive = histories.sample(tmp_path / "tracker.db")
    build(archive.path, tmp_path / "site")
    [page] = (tmp_path / "site/clause/tunely").rglob("index.html")
    assert "No other document" in page.read_text("utf-8")
    archive.look(histories.page(histories.LICENCE, histories.PROMISE), platform="Still")
    build(archive.path, tmp_path / "site")
    assert "Still, Terms of Use" in page.read_text("utf-8")
    build(archive.path, tmp_path / "fresh")
    fresh, grown = files(tmp_path / "fresh"), files(tmp_path / "site")
    assert {name for name in fresh if fresh[name] != grown.get(name)} <= {site.MARKER}


def test_without_what_the_extra_brings_there_are_no_cards_and_the_search_says_so(archive, tmp_path, monkeypatch):
    for room in (site.index, card):
        monkeypatch.setattr(room, "available", lambda: False)
    build(archive.path, tmp_path, base_url="https://terms.example/")
    assert not list(tmp_path.rglob("card.png"))
    assert not (tmp_path / "pagefind").exists()
    assert "without a search index" in (tmp_path / "search/index.html").read_text("utf-8")
    page = (tmp_path / "change/tunely/terms-of-use/2024-02-05-060000/index.html").read_text("utf-8")
    assert "og:image" not in page


# ---- other people's folders --------------------------------------------------------------------------------------


def test_a_folder_with_something_else_in_it_is_refused_and_left_as_it_is(archive, tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(TrackerError, match="not a site of ours"):
        build(archive.path, tmp_path)
    assert files(tmp_path) == {"thesis.txt": b"mine"}


def test_a_damaged_marker_is_refused(archive, tmp_path):
    (tmp_path / site.MARKER).write_text("{")
    with pytest.raises(TrackerError, match="damaged"):
        build(archive.path, tmp_path)


def test_a_file_where_the_folder_should_be_is_an_error_with_a_remedy(archive, tmp_path):
    (tmp_path / "site").write_text("a file")
    with pytest.raises(TrackerError, match="cannot be written") as error:
        build(archive.path, tmp_path / "site")
    assert error.value.remedy


def test_nothing_is_written_through_a_link_that_leads_out(archive, tmp_path):
    out, outside = tmp_path / "site", tmp_path / "outside"
    outside.mkdir()
    build(archive.path, out)
    shutil.rmtree(out / "method")
    (out / "method").symlink_to(outside)
    with pytest.raises(TrackerError, match="outside"):
        build(archive.path, out)
    assert files(outside) == {}


# ---- nothing, too much, and hostile ------------------------------------------------------------------------------


def test_an_empty_archive_is_a_site_that_says_what_to_do(tmp_path):
    Store.write(tmp_path / "tracker.db").close()
    build(tmp_path / "tracker.db", tmp_path / "site")
    assert "tracker demo" in (tmp_path / "site/index.html").read_text("utf-8")


def test_a_document_that_never_came_has_a_page(tmp_path):
    archive = histories.Archive(tmp_path / "tracker.db")
    archive.look(FetchError("The site cannot be reached.", "https://a.example", "Wait."))
    build(archive.path, tmp_path / "site")
    assert "cannot be reached" in (tmp_path / "site/document/tunely/terms-of-use/index.html").read_text("utf-8")


def test_a_clause_of_two_megabytes_and_ten_thousand_clauses_are_pages(tmp_path):
    archive = histories.Archive(tmp_path / "tracker.db")
    archive.look(histories.page(histories.LICENCE))
    many = [f"Clause {n} says that {word} is owed." for n in range(834) for word in histories.WORDS]
    archive.look(histories.page("word " * 400_000, filler=many))
    archive.look(histories.page("word " * 400_000, filler=many))
    assert build(archive.path, tmp_path / "site").pages > 5


def test_a_name_that_is_too_long_for_a_file_system_has_a_page(tmp_path):
    archive = histories.Archive(tmp_path / "tracker.db")
    archive.look(histories.page(histories.LICENCE), platform="P" * 400, name=f"{'p' * 400}/{'t' * 400}")
    build(archive.path, tmp_path / "site")
    assert len(list((tmp_path / "site/platform").iterdir())) == 1


def hostile(path: Path) -> histories.Archive:
    """An archive whose every text, title, address, header, error and name holds payloads."""
    archive = histories.Archive(path)
    first = [f"<p>{payload}</p>" for payload in PAYLOADS]
    shown = [payload.replace("&", "&amp;").replace("<", "&lt;") for payload in PAYLOADS]
    title = "&lt;script&gt;document.title='alive'&lt;/script&gt;"
    for served in ((), first, [*shown, histories.TRAINING], shown[::2]):
        text = histories.page(*served, title=title).encode("utf-8", "replace")
        for _ in range(2):
            archive.look(
                text,
                platform=PAYLOADS[0],
                terms=PAYLOADS[4],
                name="evil/terms",
                url="https://evil.example/\"><script>document.title='alive'</script>",
                headers=tuple(("Server", payload) for payload in PAYLOADS if payload.isprintable()),
            )
    for payload in PAYLOADS:
        error = FetchError(payload, payload, payload)
        archive.look(error, platform=PAYLOADS[0], terms=PAYLOADS[4], name="evil/terms")
    return archive


def test_nothing_hostile_becomes_an_element_or_a_handler(tmp_path):
    build(hostile(tmp_path / "tracker.db").path, tmp_path / "site")
    scripts = 0
    for path in (tmp_path / "site").rglob("*.html"):
        for tag, attributes in Links(path).tags:
            assert tag not in (
                "iframe",
                "object",
                "embed",
                "base",
                "img",
                "style",
                "video",
                "audio",
                "math",
                "template",
            )
            assert not [name for name in attributes if name.startswith("on") or name in ("style", "srcdoc", "ping")]
            assert not attributes.get("href", "").strip().lower().startswith(("javascript:", "data:", "vbscript:"))
            if tag == "form":
                assert "//" not in attributes["action"]
                assert attributes["method"] == "get"
            if tag == "script":
                scripts += 1
                assert "assets/s" in attributes["src"]
    assert scripts == len(list((tmp_path / "site").rglob("*.html"))) + 1  # the search has one of its own


# ---- looking at it -----------------------------------------------------------------------------------------------


@pytest.fixture
def server(built):
    found = site.serve(built, 0)
    serving = threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    serving.start()
    yield found.server_address
    found.shutdown()
    found.server_close()
    serving.join()


def ask(server, path: str):
    connection = HTTPConnection(*server, timeout=5)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


def test_a_built_site_is_served_on_this_machine_with_headers_that_guard(server):
    answer, body = ask(server, "/")
    assert server[0] == "127.0.0.1"
    assert answer.status == 200
    assert b"Tunely" in body
    assert answer.getheader("X-Content-Type-Options") == "nosniff"
    assert "default-src 'none'" in answer.getheader("Content-Security-Policy")
    assert answer.getheader("Content-Type") == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    "path", ["/.tracker-site.json", "/assets/", "/../tracker.db", "/%2e%2e/tracker.db", "/no/", "/%00"]
)
def test_lists_of_folders_hidden_files_and_what_lies_outside_are_not_served(server, path):
    assert ask(server, path)[0].status == 404


def test_a_folder_that_is_no_site_is_not_served(tmp_path):
    with pytest.raises(TrackerError, match="no built site"):
        site.serve(tmp_path, 0)


def test_a_port_that_is_taken_is_an_error_with_a_remedy(server, built):
    with pytest.raises(TrackerError, match="cannot be used") as error:
        site.serve(built, server[1])
    assert "--port" in error.value.remedy
