"""The command line as people and programs meet it: what it prints, its JSON, its exit codes, its errors."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import loopback
import pytest
from test_pipeline import LICENCE, TRAINING, page

from tracker.cli import main
from tracker.cli.root import HOMES

NAMES = sorted(HOMES)


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Runs a command in a folder of its own: exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRACKER_ALLOW_LOOPBACK", "1")
    monkeypatch.setenv("TRACKER_DECLARATIONS", str(tmp_path / "declared"))
    monkeypatch.delenv("TRACKER_ARCHIVE", raising=False)
    (tmp_path / "declared").mkdir()

    def command(*arguments: str, code: int = 0) -> str:
        with pytest.raises(SystemExit) as end:
            main(arguments)
        found = capsys.readouterr()
        assert end.value.code == code, found.err
        return found.out if code in (0, 3) else found.err

    return command


def declare(tmp_path, web, **terms: str) -> None:
    named = {name.replace("_", " "): {"fetch": web.base + path} for name, path in terms.items()}
    (tmp_path / "declared" / "Tunely.json").write_text(json.dumps({"name": "Tunely", "terms": named}))


def lines(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def story(run, web, tmp_path):
    """A document that was looked at twice, and got a training right in between."""
    declare(tmp_path, web, Terms_of_Use="/terms", Privacy_Policy="/privacy")
    web.pages |= {"/terms": page(LICENCE), "/privacy": loopback.status(403)}
    run("check")
    web.pages["/terms"] = page(LICENCE, TRAINING)
    return run("check", "--exit-code", "tunely/terms-of-use", code=3)


@pytest.mark.parametrize("name", NAMES)
def test_every_command_teaches_itself(run, name):
    assert len(run(name, "--help")) > 150


def test_help_answers_at_once():
    """Without opening the rooms that only some commands need."""
    rooms = ("lxml", "httpx", "sqlite_utils", "rich")
    program = (
        "import sys, contextlib, tracker.cli\n"
        "with contextlib.suppress(SystemExit): tracker.cli.main(['--help'])\n"
        f"print([name for name in {rooms} if name in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", program], text=True).splitlines()[-1] == "[]"


def test_a_round_without_news_loads_nothing_that_reads_judges_or_draws(run, story, tmp_path):
    """It is a start every time that cron makes one."""
    run("check")  # confirms the change
    rooms = ("lxml", "bs4", "rich", "jinja2", "tracker.derivation", "tracker.compare", "tracker.cli.keeping")
    program = (
        "import sys, contextlib, tracker.cli\n"
        "with contextlib.suppress(SystemExit): tracker.cli.main(['check', '--json'])\n"
        f"print([name for name in {rooms} if name in sys.modules])"
    )
    said = subprocess.check_output([sys.executable, "-c", program], text=True, cwd=tmp_path).splitlines()
    assert {json.loads(line)["outcome"] for line in said[:-1]} == {"unchanged", "blocked"}
    assert said[-1] == "[]"


def test_a_check_says_what_was_found_and_where_to_read_on(story):
    assert "captured" in story
    assert "train" in story
    assert "tracker show tunely/terms-of-use/" in story
    assert "1 changes, 1 that concern AI" in story


def test_changes_as_json(run, story):
    (found,) = lines(run("changes", "--json"))
    wanted = "id document window stated_date effective_date silent counts ai_change topics stance_before stance_after"
    assert {*wanted.split(), "captures"} <= set(found)
    assert found["document"] == "tunely/terms-of-use"
    assert found["ai_change"] is True
    assert found["counts"] == {"added": 1}
    assert found["stated_date"] == "2024-01-01"
    assert found["silent"] is True
    assert found["stance_after"]["training"] == "permits"
    assert [len(capture) for capture in found["captures"]] == [64, 64]
    assert all(found["window"])


def test_changes_can_be_narrowed(run, story):
    assert len(lines(run("changes", "tunely", "--flagged", "--json"))) == 1
    assert run("changes", "--since", "2100", "--json") == ""
    assert run("changes", "--until", "1999-12", "--json") == ""
    assert "holds 1 in all" in run("changes", "--until", "1999-12-31")


def test_a_change_is_shown_clause_by_clause(run, story):
    (found,) = lines(run("changes", "--json"))
    text = run("show", found["id"])
    assert TRAINING in text
    assert "Added" in text
    assert "first seen between" in text
    record = json.loads(run("show", found["id"], "--json"))
    assert [(one["kind"], one["before"], one["after"]) for one in record["clauses"]] == [("added", None, TRAINING)]
    assert record["clauses"][0]["flags_after"][0]["topic"] == "training"


def test_history_as_json_and_in_words(run, story):
    found = lines(run("history", "tunely/terms-of-use", "--json"))
    assert {"document", "version", "captured_at", "capture", "sha256"} <= set(found[0])
    assert [len(one["sha256"]) for one in found] == [64, 64]
    assert "2 versions, 2 checks" in run("history", "tunely/terms-of-use")


def test_status_tells_unchanged_from_not_seen(run, story):
    found = {one["document"]: one for one in lines(run("status", "--json"))}
    assert found["tunely/terms-of-use"]["outcomes"] == {"captured": 2}
    blocked = found["tunely/privacy-policy"]
    assert (blocked["outcome"], blocked["last_good"], blocked["versions"]) == ("blocked", None, 0)
    assert "status 403" in blocked["message"]
    assert "tunely/terms-of-use" not in run("status", "--problems")


def test_two_files_are_compared(run, tmp_path):
    (tmp_path / "a.md").write_text(f"# Licence\n\n{LICENCE}\n")
    (tmp_path / "b.html").write_text(
        f"<html><body><main><h1>Licence</h1><p>{LICENCE}</p><p>{TRAINING}</p></main></body></html>"
    )
    found = json.loads(run("compare", "a.md", "b.html", "--json"))
    assert found["ai_change"] is True
    assert found["ai_kind"] == "added"
    assert found["topics"] == ["training"]
    (added,) = [one for one in found["clauses"] if one["kind"] == "added"]
    assert (added["after"], added["heading"], added["before"]) == (TRAINING, ["Licence"], None)
    assert "Added" in run("compare", "a.md", "b.html")
    run("compare", "a.md", "b.html", "--html", "pair.html")
    made = (tmp_path / "pair.html").read_text("utf-8")
    assert TRAINING in re.sub("<[^>]+>", "", made)
    assert "Added" in made
    assert not re.search(r'(src|href)="|@import|url\(.?http', made)


def test_a_pipe_and_standard_input_are_compared_as_files_are(run, tmp_path, monkeypatch):
    (tmp_path / "b.md").write_text(f"{LICENCE}\n\n{TRAINING}\n")
    given, end = os.pipe()
    os.write(end, LICENCE.encode())
    os.close(end)

    assert "1 clause added, on AI; 1 unchanged" in run("compare", f"/dev/fd/{given}", "b.md")
    os.close(given)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(LICENCE.encode())))
    assert "standard input → b.md" in run("compare", "-", "b.md")


def test_a_terminal_without_the_letters_of_a_text_shows_which_they_are(tmp_path):
    (tmp_path / "a.md").write_text("نحن نستخدم بياناتك", "utf-8")
    told = subprocess.run(
        [sys.executable, "-m", "tracker", "compare", tmp_path / "a.md", tmp_path / "a.md"],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert "a.md \\u2192 " in told.stdout


def test_two_versions_are_compared_by_date(run, story):
    (first, second) = lines(run("history", "tunely/terms-of-use", "--json"))
    document = "tunely/terms-of-use"
    found = json.loads(run("compare", f"{document}@{first['version']}", f"{document}@{second['version']}", "--json"))
    assert [one["kind"] for one in found["clauses"]] == ["added"]
    assert json.loads(run("compare", f"{document}@now", f"{document}@now", "--json"))["clauses"] == []
    day = first["captured_at"][:10]
    said = run("compare", f"{document}@{first['version']}", "@now")
    assert "Added" in said
    assert f"{document}, seen {int(day[-2:])} " in said.splitlines()[0]
    run("compare", f"{document}@{first['version']}", "@now", "--html", "pair.html")
    assert f"{document}, seen {int(day[-2:])} " in Path("pair.html").read_text("utf-8")
    for date in ("2024-13", "2024-00", "2024-02-30", "soon", "2024-02-12T25"):
        assert "not a date" in run("compare", f"{document}@{date}", "@now", code=1)


def test_a_reworded_clause_is_shown_as_it_reads_and_its_number_with_it(run, tmp_path):
    (tmp_path / "a.md").write_text(f"# Licence\n\n{LICENCE}\n\n4. **Sale.** We don't sell [it](https://a.example).  \n")
    (tmp_path / "b.md").write_text(
        f"# Licence\n\n{LICENCE}\n\n5. Sale. We don’t sell it, **and** rent [it](https://b.example).\n"
    )

    assert "\n  [-4.-]{+5.+} Sale. We don’t sell {+it, and rent+} it.\n" in run("compare", "a.md", "b.md")


def test_a_pipe_shows_the_words_that_changed_with_marks(run, tmp_path):
    (tmp_path / "a.md").write_text(f"# Licence\n\n{LICENCE}\n\nWe may not sell it.\n")
    (tmp_path / "b.md").write_text(f"# Licence\n\n{LICENCE}\n\nWe will sell it.\n")

    assert "We [-may not-]{+will+} sell it." in run("compare", "a.md", "b.md")


def test_a_document_that_was_swapped_fills_no_screen_unless_all_is_asked_for(run, tmp_path):
    for name, word in (("a.md", "apples"), ("b.md", "Birnen")):
        text = "".join(f"{word} {word}{n} {word * 2}{n} {word}s{n} {word}x{n} {word}y{n}.\n\n" for n in range(300))
        (tmp_path / name).write_text(text)

    said = run("compare", "a.md", "b.md")
    assert "300 clauses before, 300 after" in said
    assert len(said) < 3_000
    assert "applesy299" in run("compare", "a.md", "b.md", "--full")


def test_clauses_are_judged_line_by_line(run, tmp_path):
    given = [
        {"id": "x1", "text": TRAINING, "heading": ["Licence"], "lang": "en"},
        {"id": "x2", "text": "You can close your account at any time.", "heading": [], "lang": "en"},
    ]
    (tmp_path / "clauses.jsonl").write_text("\n".join(map(json.dumps, given)))
    found = lines(run("flag", "clauses.jsonl", "--json"))
    assert [(one["id"], one["mentions_ai"]) for one in found] == [("x1", True), ("x2", False)]
    assert found[0]["topics"] == ["training"]
    assert found[0]["stance"] == {"training": "permits"}
    assert {"rule", "topic", "stance", "quote"} <= set(found[0]["flags"][0])
    assert found[0]["flags"][0]["quote"] in TRAINING


def test_a_page_is_declared_looked_at_and_told(run, web, tmp_path):
    web.pages["/legal/terms"] = page(LICENCE, TRAINING)
    text = run("add", f"{web.base}/legal/terms", "--platform", "Tunely")
    assert "tunely/terms-of-" in text
    assert TRAINING in text
    assert json.loads((tmp_path / "declared" / "Tunely.json").read_text())["name"] == "Tunely"
    assert "declared already" in run("add", f"{web.base}/legal/terms", "--platform", "Tunely", code=1)


def test_former_texts_that_a_page_links_to_are_offered_and_taken(run, web):
    link = '<p><a href="/legal/terms/2024-02">Link to prior version</a></p></main>'
    web.pages["/legal/terms"] = page(LICENCE, TRAINING).replace("</main>", link)
    web.pages["/legal/terms/2024-02"] = page(LICENCE, stated="February 2024")
    said = run("add", f"{web.base}/legal/terms", "--platform", "Tunely", "--terms", "Terms of Use")
    assert "links to a former text" in said
    offered = re.search(r"tracker (backfill .*--discover)", said)
    run(*offered[1].split())
    (change,) = lines(run("changes", "--json"))
    assert (change["sources"], change["window"][0]) == (["published", "live"], "2024-02-01T00:00:00Z")
    shown = run("show", change["id"])
    assert "former text, at the date that it states" in shown
    assert "stated for 2024-02-01" in shown


def test_an_address_that_gives_nothing_declares_nothing(run, web, tmp_path):
    said = run("add", f"{web.base}/nowhere", "--platform", "Tunely", code=1)
    assert "status 404" in said
    assert list((tmp_path / "declared").iterdir()) == []


def test_the_pages_are_built(run, story, tmp_path):
    assert "index.html" in run("build", "--out", "site")
    assert TRAINING in "".join(path.read_text() for path in (tmp_path / "site").rglob("change/**/index.html"))


def test_history_is_read_again_on_demand(run, story):
    before = run("changes", "--json")
    assert "1 document read again" in run("reanalyse")
    assert run("changes", "--json") == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["status"], "There is no archive yet"),
        (["changes"], "tracker demo"),
        (["show", "nothing"], "There is no archive yet"),
        (["check", "nobody"], "nobody"),
        (["check"], "No document is declared"),
        (["flag", "missing.txt"], "cannot be read"),
        (["compare", "a", "b"], "neither a file nor a version"),
        (["compare", "a" * 5000, "b"], "neither a file nor a version"),
        (["compare", "a", "@now"], "neither a file nor a version"),
        (["compare", "@now", "@now"], "Name the document"),
        (["add", "ftp://example.org/terms"], "Only http and https"),
        (["add", "http://10.0.0.1/terms"], "not a public one"),
        (["--declarations", "nowhere", "check"], "nowhere"),
    ],
)
def test_errors_say_what_happened_and_what_to_do(run, arguments, says):
    said = run(*arguments, code=1)
    assert says in said
    assert "Traceback" not in said
    assert len(said.strip().splitlines()) in (2, 3)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("x.jsonl", b'{"id": 1, "text": "fine"}\n{"id": 2\n', "line 2"),
        ("x.jsonl", b'{"id": 1}\n', "no text"),
        ("x.jsonl", b'{"text": "a", "heading": "b"}\n', "list of texts"),
        ("x.txt", b"\x00\x01\x02" * 100, "binary"),
        ("x.pdf", b"%PDF-1.7 rubbish", "No legal text"),
    ],
)
def test_files_that_are_not_what_they_should_be(run, tmp_path, name, content, says):
    (tmp_path / name).write_bytes(content)
    assert says in run("flag", name, "--json", code=1)


def test_a_wrong_date_and_an_unknown_option_are_wrong_use(run):
    assert "is not a date" in run("changes", "--since", "soon", code=2)
    assert "No such option" in run("changes", "--sincee", "2024", code=2)


def test_a_misspelt_declaration_is_named_and_the_others_are_checked(run, web, tmp_path):
    declare(tmp_path, web, Terms_of_Use="/terms")
    web.pages["/terms"] = page(LICENCE)
    (tmp_path / "declared" / "Broken.json").write_text(
        '{"name": "Broken", "terms": {"Terms": {"fecth": "https://x.example"}}}'
    )
    assert "first version" in run("check")


def test_a_reader_that_stops_early_is_no_error(story, tmp_path, monkeypatch):
    """As in `tracker changes | head -1`."""
    command = f"{sys.executable} -m tracker changes --json | head -c 1"
    ended = subprocess.run(command, shell=True, capture_output=True, cwd=tmp_path, text=True)
    assert ended.stderr == ""


@pytest.mark.skipif(not shutil.which("script"), reason="needs the program `script`, which makes a terminal")
def test_on_a_terminal_every_word_is_shown(run, story, tmp_path):
    """Wrapped, not cut at the terminal's width."""
    (found,) = lines(run("changes", "--json"))
    shown = subprocess.run(
        ["script", "-qec", f"{sys.executable} -m tracker show {found['id']}", "/dev/null"],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=30,
        env={**os.environ, "PAGER": "cat"},
    )
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown.stdout)
    assert TRAINING in " ".join(plain.split())


def test_the_stance_of_a_platform_with_its_words_and_since_when(run, story):
    (found,) = lines(run("stance", "tunely", "--json"))
    answers = {one["question"]: one for one in found["questions"]}
    (said,) = answers["own-training"]["said"]

    assert answers["own-training"]["answer"] == "permits"
    assert said["document"] == "tunely/terms-of-use"
    assert all(said["since"])
    assert answers["backdated"]["answer"] == "silent"
    assert "May it train AI on what people give it? Yes." in run("stance", "tunely")
    assert "tunely" in run("stance")


def test_a_platform_that_was_never_read_is_not_tracked(run, story, tmp_path):
    declared = {"name": "Nobody", "terms": {"Terms of Use": {"fetch": "https://nobody.example/terms"}}}
    (tmp_path / "declared" / "Nobody.json").write_text(json.dumps(declared))

    assert "Not tracked." in run("stance", "nobody")


def test_a_language_without_rules_says_so(run, tmp_path):
    (tmp_path / "fi.txt").write_text("Palvelu käyttää tekoälyä (AI) vastauksissa, ja voit kysyä siitä lisää meiltä.")

    assert "no vocabulary for the language 'fi'" in run("flag", "fi.txt", "--lang", "fi")
    assert "no vocabulary" not in run("flag", "fi.txt", "--lang", "en")


def test_the_rules_tell_which_vocabularies_decided(run):
    told = run("rules", "test")

    assert re.search(r"training\.models\s+.*train: train", told)
    assert "0 failed" in told
