"""Rules are data: read, checked, compiled, explained; a broken one is named and the others still run."""

import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker import rules
from tracker.rules.matching import Lexicon, Vocabulary
from tracker.rules.words import fold, read_words

BUNDLED = Path(__file__).parent.parent / "data" / "rules"


@pytest.fixture(scope="module")
def ruleset():
    return rules.load(BUNDLED)


def write(folder, **files):
    """A folder of rules: vocabulary_en="…" becomes vocabulary/en.toml."""
    for name, text in files.items():
        path = folder / f"{name.replace('_', '/')}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return rules.load(folder)


WORDS = """
signs = ["the", "and"]
[vocabulary.ai]
words = ["=AI", "machine learning"]
[vocabulary.train]
words = ["train*"]
except = ["train station*"]
"""
RULE = """
[[rule]]
id = "good"
title = "Trains AI"
topic = "training"
basis = "names-ai"
when = [{ all = ["train", "ai"], within = 6 }]
matches = ["We train AI."]
"""


# ---- the bundled rules ---------------------------------------------------------------------------------------------


def test_the_bundled_rules_have_no_faults(ruleset):
    assert [str(problem) for problem in ruleset.problems] == []


def test_every_example_of_the_bundled_rules_comes_out_as_it_says(ruleset):
    assert [failed.what for failed in rules.run_examples(ruleset)] == []


def test_every_bundled_rule_has_a_title_and_examples_and_every_flagging_one_says_why(ruleset):
    for rule in ruleset.rules:
        assert rule.title, rule.id
        assert rule.examples, rule.id
        assert rule.why or not rule.topic, rule.id


def test_english_french_german_and_spanish_have_vocabularies(ruleset):
    assert {"en", "fr", "de", "es"} <= set(ruleset.languages)


# ---- how words are matched -----------------------------------------------------------------------------------------


def found(term, text, exceptions=()):
    lexicon = Lexicon([Vocabulary("v", (term,), tuple(exceptions))])
    words = read_words(text)
    return [" ".join(words.raws[start:end]) for start, end in lexicon.find(words).get("v", [])]


@pytest.mark.parametrize(
    ("term", "text", "expected"),
    [
        ("train", "Train, trained, TRAIN.", ["Train", "TRAIN"]),
        ("train*", "We trained and retrain.", ["trained"]),
        ("*modell", "Das Sprachmodell und Modelle", ["Sprachmodell"]),
        ("*modell*", "Das Sprachmodell und Modelle", ["Sprachmodell", "Modelle"]),
        ("=AI", "AI and ai and A.I. and J'ai", ["AI", "A.I."]),
        ("entraîner", "pour entrainer; ENTRAÎNER", ["entrainer", "ENTRAÎNER"]),
        ("opt/opts out", "She opts out, we opt out, opt-out", ["opts out", "opt out", "opt out"]),
        ("our (own) model*", "our models, our own model, our best model", ["our models", "our own model"]),
        ("use ... train*", "use it all to train", ["use it all to train"]),
        ("use ... train*", "use one two three four five train", []),
        ("人工智能", "基于人工智能技术", ["人 工 智 能"]),
        ("[no]", "Do we? No. No data is kept. Kept | No | Yes", ["No", "No"]),
        ("[no never]", "No, never! No, never again.", ["No never"]),
    ],
)
def test_a_term_matches_as_the_vocabulary_writes_it(term, text, expected):
    assert found(term, text) == expected


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("train", "We tr\u00adain it."),
        ("train", "We t\u200br\u200dain it."),
        ("train", "We tr- ain it."),
        ("train", "We want totrain it."),
        ("=AI", "We use ourAI here."),
        ("=AI", "We use \u0391\u0406 here."),  # Greek alpha, Cyrillic I
        ("=AI", "We use \uff21\uff29 here."),  # full width
        ("model*", "Nos lesmodèles"),
    ],
)
def test_what_nobody_sees_and_broken_words_hide_nothing(term, text):
    assert found(term, text)


@pytest.mark.parametrize(
    ("term", "text"),
    [("train", "a restrain"), ("=AI", "We use xAI here."), ("mine*", "to determine"), ("model", "Моdеlь мой")],
)
def test_words_are_not_read_into_others(term, text):
    assert not found(term, text)


def test_places_are_those_of_the_text_that_is_shown():
    text = "We tr\u00adain it."
    words = read_words(text)

    assert [text[start:end] for start, end in zip(words.starts, words.ends, strict=True)] == ["We", "tr\u00adain", "it"]


def test_a_phrase_does_not_reach_into_the_next_sentence():
    assert found("opt out", "Do not opt. Out of date.") == []


def test_an_exception_cancels_what_it_covers():
    assert found("model*", "Our business model and our models", ["business model*"]) == ["models"]


@pytest.mark.parametrize(
    "text", ["https://example.org/AI", "help@some.AI", "visit example.AI today", "section 14.AI.i"]
)
def test_words_inside_addresses_do_not_count(text):
    assert found("=AI", text) == []


def test_a_lead_in_governs_its_item():
    words = read_words("train AI with it", lead_in="You agree not to:")

    assert len(set(words.sentences)) == 1


def test_the_parts_of_a_list_within_a_sentence_are_one_sentence():
    words = read_words("You must not (i) copy it; (ii) sell it; or (iii) train AI with it. It is ours; we say so.")

    assert len(set(words.sentences)) == 3


def test_a_letter_that_is_two_is_found_as_two():
    assert fold("Œuvre") == fold("oeuvre")


def test_abbreviations_do_not_end_a_sentence():
    words = read_words("See Art. 4 of it. The end.")

    assert len(set(words.sentences)) == 2


@given(st.text(max_size=300), st.lists(st.text(max_size=40), max_size=3))
def test_any_text_is_read_and_places_lie_in_it(text, heading):
    words = read_words(text, heading)

    for raw, start, end in list(zip(words.raws, words.starts, words.ends, strict=True))[words.own :]:
        assert not raw or fold(raw) == fold(text[start:end])


# ---- what is wrong with a rule is named, the others run --------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "what"),
    [
        ({"bad": '[[rule]]\nid = "x"\ntitel = "T"\n'}, "titel"),
        ({"bad": '[[rule]]\nid = "x"\ntitle = 3\nwhen = [{ all = ["ai"] }]\n'}, "title must be a string"),
        ({"bad": '[[rule]]\nid = "x"\nwhen = [{ all = ["aii"] }]\n'}, "'aii', which there is not"),
        ({"zbad": '[[rule]]\nid = "good"\nwhen = [{ all = ["ai"] }]\n'}, "stands twice"),
        ({"bad": '[[rule]]\ntitle = "T"\n'}, "has no id"),
        ({"bad": '[[rule]]\nid = "x"\ntopic = "trainning"\n'}, "trainning"),
        ({"bad": '[[rule]]\nid = "x"\nwhen = [{ within = 3 }]\n'}, "names no vocabulary"),
        ({"bad": '[[rule]]\nid = "x"\nwhen = [{ all = ["ai"], within = "page" }]\n'}, "within"),
        ({"bad": '[[rule]]\nid = "x"\nseverity = 9\nwhen = [{ all = ["ai"] }]\n'}, "severity"),
        ({"bad": '[[stance]]\nid = "x"\nstance = "maybe"\ntopics = ["training"]\n'}, "maybe"),
        ({"bad": "[[rule\n"}, "not TOML"),
        ({"bad": b'[[rule]]\nid = "caf\xe9"\n'}, "not UTF-8"),
        ({"vocabulary_fr": '[vocabulary.ai]\nwords = ["**"]\n'}, "broken pattern"),
        ({"vocabulary_fr": '[vocabulary.ai]\nwords = "IA"\n'}, "must be a list of strings"),
        ({"vocabulary_fr": '[vocabulary.ai]\nwordz = ["IA"]\n'}, "wordz"),
        ({"vocabulary_fr": '[vocabulary.ai]\ninclude = ["train", "none"]\n'}, "'none', which there is not"),
        (
            {"vocabulary_fr": '[vocabulary.ai]\ninclude = ["b"]\n[vocabulary.b]\ninclude = ["ai"]\n'},
            "includes itself in a cycle",
        ),
    ],
)
def test_a_fault_is_named_with_its_file_and_the_other_rules_still_run(tmp_path, files, what):
    ruleset = write(tmp_path, vocabulary_en=WORDS, rules=RULE, **files)

    named = [problem for problem in ruleset.problems if what in problem.what]
    assert named
    assert next(iter(files)).replace("_", "/") in named[0].where
    assert named[0].remedy
    assert "training" in rules.weigh("We train AI with it.", ruleset).topics


def test_a_fault_names_its_line_and_the_nearest_key(tmp_path):
    ruleset = write(tmp_path, vocabulary_en=WORDS, rules=RULE, bad='\n\n[[rule]]\nid = "x"\nseverty = 2\n')

    assert ruleset.problems[0].where == "bad.toml, line 4"
    assert "'severity'" in ruleset.problems[0].remedy


def test_broken_toml_names_its_line(tmp_path):
    ruleset = write(tmp_path, vocabulary_en=WORDS, rules=RULE, bad='[[rule]]\nid = "x\n')

    assert ruleset.problems[0].where == "bad.toml, line 2"


def test_an_example_that_fails_is_reported_by_its_rule(tmp_path):
    ruleset = write(tmp_path, vocabulary_en=WORDS, rules=RULE.replace("We train AI.", "Take the train."))

    assert [failed.rule for failed in rules.run_examples(ruleset)] == ["good"]


def test_a_folder_without_rules_says_so(tmp_path):
    assert "no rules" in rules.load(tmp_path).problems[0].what


def test_the_version_changes_with_any_file(tmp_path):
    first = write(tmp_path, vocabulary_en=WORDS, rules=RULE).version

    assert write(tmp_path, rules=RULE + "\n# a word\n").version != first


# ---- languages -----------------------------------------------------------------------------------------------------


def test_a_language_without_a_file_is_weighed_by_the_shared_words(ruleset):
    weighing = rules.weigh("Tekoäly (AI) auttaa meitä.", ruleset, language="fi")

    assert weighing.language == ""
    assert weighing.concerns_ai


def test_the_words_tell_the_language_where_nobody_declared_it(ruleset):
    text = "Nous utilisons vos contenus pour entraîner nos modèles d'intelligence artificielle."

    assert rules.weigh(text, ruleset).language == "fr"


def test_an_english_clause_in_a_french_document_is_read_as_english(ruleset):
    text = "We may use the content that you upload to train our models, and you agree to this by using the service."

    assert rules.weigh(text, ruleset, language="fr").language == "en"


# ---- the gate --------------------------------------------------------------------------------------------------------

VOCABULARIES = "".join(path.read_text("utf-8") for path in (BUNDLED / "vocabulary").glob("*.toml"))
SPOKEN = sorted(set(re.findall(r"\w+", VOCABULARIES)))


@given(st.lists(st.sampled_from(SPOKEN), max_size=12), st.lists(st.sampled_from(SPOKEN), max_size=4))
@settings(max_examples=400)
def test_no_rule_holds_for_a_clause_that_the_gate_turned_away(ruleset, text, heading):
    clause = " ".join(text)
    if ruleset.gate.is_silent(clause, heading):
        for language in ruleset.languages:
            assert not rules.weigh(clause, ruleset, heading=heading, language=language).held


def test_most_clauses_are_turned_away_unread(ruleset):
    assert ruleset.gate.is_silent("You may cancel at any time; your payment is then returned within a month.")
    assert ruleset.gate.is_silent("We provide the service to you under these terms and process your account data.")
    for text in (
        "We provide the service and its content to you under these terms and under the law of the country you live in.",
        "Your account information and data are used for support and payment; settings are in the product.",
        "Le service est fourni par la société ; vos droits sont prévus par la loi.",
        "Der Dienst wird von uns erbracht; Ihre Rechte stehen im Vertrag.",
        "El servicio se presta conforme a la ley; sus derechos figuran en el contrato.",
    ):  # everyday words of contracts in each language: one of them in a naming rule makes all clauses slow
        assert ruleset.gate.is_silent(text), text


def test_a_rule_that_needs_no_word_leaves_the_gate_open(tmp_path):
    always = RULE.replace('all = ["train", "ai"], within = 6', 'none = ["ai"]').replace("We train AI.", "Hello.")
    found = write(tmp_path, vocabulary_en=WORDS, rules=always)

    assert not found.gate.is_silent("Hello.")
    assert "training" in rules.weigh("Hello.", found).topics


# ---- explanations --------------------------------------------------------------------------------------------------


def test_an_explanation_tells_the_words_and_the_rules_that_held_or_failed(ruleset):
    told = rules.explain("We will not use your content to train our AI models.", ruleset)

    assert "train" in told.vocabulary["train"]
    assert told.stances["training"] == "prohibits"
    assert any(reason.rule == "training.models" and reason.holds and reason.words for reason in told.reasons)
    assert all(reason.because for reason in told.reasons)


# ---- nothing can hang ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("piece", ["a", "train AI ", "We will not train our models, ", "x@y.", "人工智能"])
def test_the_time_for_a_clause_grows_with_its_length_alone(ruleset, piece):
    def seconds(size):
        start = time.process_time()
        rules.weigh(piece * (size // len(piece)), ruleset)
        return time.process_time() - start

    seconds(1000)
    assert seconds(200_000) < 60 * max(seconds(10_000), 0.01)


@pytest.mark.parametrize("text", ["", "\x00", "\ud800 AI \udfff", "\u200b", "İ" * 50, "ﬁne-tuning", "a" * 100_000])
def test_odd_text_is_weighed_like_any_other(ruleset, text):
    assert rules.weigh(text, ruleset, heading=[text], lead_in=text).words.raws is not None


def test_a_clause_of_a_megabyte_is_weighed(ruleset):
    assert rules.weigh("We keep logs. " * 70_000 + "We train our models on them.", ruleset).topics == ("training",)


def test_a_heading_never_runs_on_into_the_clause():
    words = read_words("it. Them.", heading=["Terms", "Use"])

    assert words.sentences == (0, 1, 2, 3)


def test_a_name_is_known_in_the_whole_clause_once_it_is_told():
    assert found("=AI", "Acme AI, Inc. keeps logs. Acme AI uses AI.", ["=AI =Inc"]) == ["AI"]
