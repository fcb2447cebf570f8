"""What a clause says on AI, what a change does to it, and what stands: polarity before keywords."""

import tomllib
from collections import Counter
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker import rules
from tracker.compare import compare
from tracker.judge import InForce, Spoken, judge, judge_change, stance_of
from tracker.judge.verdict import said_apart, sentences
from tracker.model import Judgement
from tracker.text import split


@pytest.fixture(scope="module")
def ruleset():
    return rules.load(Path(__file__).parent.parent / "data" / "rules")


@pytest.fixture(scope="module")
def look(ruleset):
    def look(text, **place):
        return judge(text, ruleset, **place)

    return look


@pytest.fixture(scope="module")
def change(ruleset):
    def change(before, after):
        def judged(clause):
            return judge(clause.text, ruleset, heading=clause.heading, lead_in=clause.lead_in)

        return judge_change(compare(before, after), judged)

    return change


# ---- the same words, five meanings -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "topic", "stance"),
    [
        ("We may use your content to train our AI models.", "training", "permits"),
        ("We will not use your content to train AI models.", "training", "prohibits"),
        ("We will not train AI models on your content without your consent.", "training", "opt-in"),
        ("We train AI models on your posts unless you opt out in your settings.", "training", "opt-out"),
        ("You may not use our services to train AI models.", "scraping", "forbids"),
        ("You must not use Output to develop models that compete with us.", "scraping", "forbids"),
        ("We may share your content with third parties who train their AI models on it.", "third-party", "permits"),
    ],
)
def test_polarity_decides_not_the_keyword(look, text, topic, stance):
    judgement = look(text)

    assert judgement.mentions_ai
    assert judgement.stance.get(topic) == stance


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "These screenshots are not stored or used for model training."),
        ("en", "Audio is not collected, retained or used to train machine learning models."),
        ("en", "Your photos are never sold, shared or used to train AI models."),
        ("en", "Your drafts are neither stored nor used to train our AI models."),
        ("en", "Your files will not be read by staff, sold to third parties, or used to train AI models."),
        ("en", "We can't read or use your messages to train AI."),
        ("de", "Ihre Fotos werden weder gespeichert noch zum Training von KI-Modellen verwendet."),
        ("de", "Ihre Fotos werden nicht gespeichert oder zum Training von KI-Modellen verwendet."),
        ("fr", "Vos photos ne sont pas conservées ni utilisées pour entraîner des modèles d'IA."),
        ("fr", "Vos messages ne sont jamais vendus, partagés ou utilisés pour entraîner une IA."),
        ("es", "Sus fotos no se almacenan ni se utilizan para entrenar modelos de IA."),
        ("es", "Sus fotos nunca se venden, comparten o utilizan para entrenar modelos de IA."),
    ],
)
def test_a_negation_reaches_over_all_verbs_that_it_governs(look, language, text):
    assert look(text, language=language).stance["training"] == "prohibits"


@pytest.mark.parametrize(
    "text",
    [
        "Your drafts are not sold, but they may be kept or used to train our AI models.",
        "Data that is not deleted or used for billing may be used to train our AI models.",
        "We do not sell your data. Your data may be stored or used to train AI models.",
        "Posts that you have not deleted or hidden are used to train our AI models.",
        "We do not sell your data, but we may use it to train our AI models.",
        "We cannot remove your data from models that were trained on it.",
        "We rely on our legitimate interest, and not on your consent, to train our AI models.",
    ],
)
def test_a_negation_ends_where_the_sentence_turns(look, text):
    assert look(text).stance["training"] == "permits"


@pytest.mark.parametrize(
    ("heading", "text", "stance"),
    [
        ("Do you train on my content?", "No.", "prohibits"),
        ("Is my data used to train AI?", "Never. Your files stay yours.", "prohibits"),
        ("Are my posts used to train your models?", "Yes.", "permits"),
        ("Do you use my prompts to train AI models?", "Yes, unless you opt out.", "opt-out"),
        ("Can I opt out of AI training?", "No.", "permits"),
        ("Can I opt out of AI training?", "Yes, in your settings.", "opt-out"),
        ("", "Do you train AI on my files? No. We only show them to you.", "prohibits"),
        ("", "Used to train models | No", "prohibits"),
        ("", "Used to train models | Yes", "permits"),
        ("Mes photos servent-elles à entraîner des modèles ?", "Non.", "prohibits"),
        ("Werden meine Fotos zum Training von Modellen verwendet?", "Nein.", "prohibits"),
        ("¿Se usan mis fotos para entrenar modelos?", "No.", "prohibits"),
    ],
)
def test_a_plain_yes_or_no_answers_the_question_over_or_before_it(look, heading, text, stance):
    language = {"M": "fr", "W": "de", "¿": "es"}.get(heading[:1], "en")

    assert look(text, heading=[heading] if heading else [], language=language).stance["training"] == stance


@pytest.mark.parametrize(
    ("text", "stance"),
    [
        ("We will not train AI on your work without your consent.", "opt-in"),
        ("We may train AI on your work without your consent.", "permits"),
        ("We will not train AI on your work unless you tell us to.", "opt-in"),
        ("We train AI on your work unless you tell us not to.", "opt-out"),
        ("If you turn on private mode, nothing that you type is used to train our AI.", "opt-out"),
        ("If you turn on sharing, we train our AI on what you type.", "opt-in"),
        ("You cannot opt out of the use of your posts to train our AI.", "permits"),
        ("We do not train AI on your posts today, but we may do so in the future.", "permits"),
        ("We have chosen providers who do not keep your data or train AI on it.", "prohibits"),
        ("Nothing in these terms allows us to train AI on your work.", "prohibits"),
    ],
)
def test_conditions_turn_a_stance(look, text, stance):
    assert look(text).stance["training"] == stance


@pytest.mark.parametrize(
    ("stance", "text"),
    [
        ("opt-out", "Please note that you can object to the use of your posts to train our models."),
        ("opt-out", "Should you wish to keep your pictures out of our AI training, write to us."),
        ("opt-out", "You can tell us at any time that your data must not be used to train our models."),
        ("opt-out", "We use your data to train our models until you withdraw your consent."),
        ("opt-out", "Your administrator can disable the use of customer data for model training."),
        ("opt-out", "To stop your posts being used to train our models, uncheck the box under Privacy."),
        ("opt-in", "We ask for your permission before we train any AI on your voice."),
        ("opt-in", "Your texts will not be used to train our AI without you agreeing to it first."),
        ("opt-in", "Training on your content is off unless an administrator turns it on."),
        ("opt-in", "Customer data are used to train models only upon the customer's written request."),
        ("prohibits", "At no time do we use the work of students to train AI."),
        ("prohibits", "Customer content is excluded from model training."),
        ("prohibits", "We use your content to provide the service only and not to train AI models."),
        ("permits", "Training our models on your content is part of the service and cannot be turned off."),
        ("permits", "Whatever you set, your consent is not required for us to train AI on public posts."),
        ("unclear", "Training a model involves several stages, which this page describes."),
    ],
)
def test_ways_out_leave_and_promises_are_heard_in_many_words(look, stance, text):
    assert look(text, language="en").stance["training"] == stance


@pytest.mark.parametrize(
    ("topics", "text", "heading"),
    [
        ({"ai-use"}, "Bypass any measure that keeps the AI system safe.", "Prohibited use"),
        ({"ai-use"}, "You are responsible for the prompts that you enter.", "AI tools"),
        ({"ai-use"}, "Children under 13 must not use the chatbot.", "Who may use it"),
        ({"output"}, "The assistant can get facts wrong, so check names and dates before you publish.", "Accuracy"),
        ({"output"}, "Answers given by our virtual assistant are no legal advice.", "No advice"),
        ({"labelling"}, "Works that were made with an image generator are not eligible for the prize.", "Contest"),
        ({"labelling"}, "Projects that use AI must disclose how.", "Our rules"),
        ({"labelling", "likeness"}, "Do not post AI images of a real person without their consent.", "Safety"),
        ({"third-party", "feature"}, "Your question is sent to OpenAI, which writes the answer.", "Recipients"),
        (
            {"automated-decision", "feature"},
            "AI ranks applications, and you may ask for human review of the decision.",
            "",
        ),
        ({"feature"}, "Prompts and chats with our AI assistant are kept for a month.", "What we collect"),
        ({"feature"}, "“Input” means what a user enters into the AI tool.", "Definitions"),
        ({"ai-use"}, "You are solely responsible for your AI agents and their acts or omissions.", "Accounts"),
        ({"ai-use"}, "infringe the rights of any person;", "You may not use the AI features to:"),
        ({"output", "ai-use"}, "You own the Outputs, but must not use the AI features for unlawful purposes.", ""),
        ({"output", "feature"}, "The coach uses generative AI to plan your week and may be wrong.", ""),
        ({"output"}, "You keep all rights in what is made for you, which may be wrong.", "Ownership of AI results"),
        ({"labelling"}, "The author warrants that no part of the text was generated by AI.", "Warranties"),
        ({"labelling"}, "Answers written by a chatbot in an exam are misconduct.", "Honesty"),
        (
            {"scraping", "likeness"},
            "You must not use the recordings to train AI or to make a digital replica of an actor.",
            "Licence",
        ),
        ({"automated-decision"}, "Our system decides on your loan by a score.", "Credit"),
        ({"scraping"}, "Use any picture for machine learning purposes.", "Restrictions on use"),
    ],
)
def test_who_may_do_what_to_whom_decides_the_topic(look, topics, text, heading):
    assert set(look(text, heading=[heading] if heading else [], language="en").topics) == topics


@pytest.mark.parametrize(
    "text",
    [
        "We may prompt you to update the app.",
        "Follow the prompts on your screen.",
        "Automatically generated mails cannot be answered.",
        "Our assistants will answer your questions in the store.",
        "Ask our team, or use e-mail, live chat or chatbot.",
        "Cloning a repository makes a copy on your machine.",
        "You may contest the decision to suspend your account.",
        "These models are sold in Europe only and must not be used outdoors.",
    ],
)
def test_everyday_senses_of_such_words_are_no_mention(look, text):
    judgement = look(text, language="en")

    assert not judgement.mentions_ai
    assert not judgement.topics


@pytest.mark.parametrize(
    "text",
    [
        "We use your content to tr\u00adain our AI.",
        "We use your content to tr- ain our models.",
        "We use your content totrain our models.",
        "We use your content to train our \u0391\u0406.",
    ],
)
def test_a_clause_is_heard_through_what_nobody_sees(look, text):
    judgement = look(text)

    assert judgement.stance == {"training": "permits"}
    assert all(text[start:end].strip() for flag in judgement.flags for start, end in flag.spans)


def test_a_ban_on_users_is_never_training(look):
    assert "training" not in look("You may not use the service to train AI models.").topics


def test_a_flag_quotes_the_clause_and_says_where_the_words_stand(look):
    text = "We may use your content to train our AI models."
    flag = look(text).flags[0]

    assert flag.quote == text
    assert {text[start:end] for start, end in flag.spans} >= {"train"}
    assert flag.why
    assert flag.severity == 3


def test_a_euphemism_is_shown_as_possible_and_is_no_mention(look):
    judgement = look("We use the information we collect to improve our products and develop new services.")

    assert not judgement.mentions_ai
    assert judgement.possibly


def test_decisions_by_machines_keep_their_topic_without_ai(look):
    judgement = look("You have the right not to be subject to a decision based solely on automated processing.")

    assert not judgement.mentions_ai
    assert judgement.topics == ("automated-decision",)


def test_a_lead_in_turns_its_items_into_bans(look):
    assert look("train AI with the content;", lead_in="You agree not to:").stance == {"scraping": "forbids"}


# ---- changes ---------------------------------------------------------------------------------------------------------

PLAIN = "# Terms\n\nYou keep what you upload.\n\nWe keep logs for a year.\n\n"


def test_a_new_right_is_added_and_the_missing_way_out_is_named(change):
    found = change(PLAIN, PLAIN + "We may use your content to train our AI models.\n")

    assert (found.ai_change, found.ai_kind) == (True, "added")
    assert found.stance_after == {"training": "permits"}
    assert found.silent_on == ("opt-out",)
    assert found.verdict.endswith("no opt-out found")


def test_a_way_out_elsewhere_in_the_text_is_found(change):
    way_out = "You can opt out of model training in your settings.\n\n"
    found = change(PLAIN + way_out, PLAIN + way_out + "We may use your content to train our AI models.\n")

    assert found.silent_on == ()


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("We will not train AI on your content.", "We may train AI on your content.", "weakened"),
        ("We will not train AI on your content.", "We will not train generative AI on your content.", "weakened"),
        (
            "We train AI on your content only with your consent.",
            "We train AI on your content unless you opt out in your settings.",
            "weakened",
        ),
        (
            "We may train AI on your content.",
            "We may train AI on your content unless you opt out in your settings.",
            "strengthened",
        ),
        (
            "We may train AI on what you upload. You can opt out of this in your settings.",
            "We may train AI on what you upload.",
            "weakened",
        ),
    ],
)
def test_a_softening_is_found_though_no_word_on_ai_changes(change, before, after, kind):
    found = change(PLAIN + before + "\n", PLAIN + after + "\n")

    assert (found.ai_change, found.ai_kind) == (True, kind)
    assert found.flagged


def test_a_right_in_vaguer_words_is_no_right_dropped(change):
    judged = change(
        "# Use\n\nWe use your posts to train our AI models.",
        "# Use\n\nWe use your posts to make our technologies better.",
    )

    assert judged.ai_kind == "reworded"
    assert judged.verdict.startswith("No longer says plainly that it may train AI")


def test_a_heading_that_goes_alone_is_no_loss(change):
    kept = "We use machine learning to recommend stories."
    judged = change(
        f"# A\n\n## Machine learning\n\n{kept}\n\n## B\n\nOther words.",
        f"# A\n\n## B\n\nOther words.\n\n{kept}",
    )

    assert not judged.ai_change


def test_a_dropped_promise_is_said_so(change):
    found = change(PLAIN + "We will not train AI on your content.\n", PLAIN)

    assert found.ai_kind == "removed"
    assert found.verdict.startswith("Drops its promise")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("We train AI on posts. We keep logs here.", "We train AI on posts.\n\nWe keep logs here."),
        ("1. We train AI on posts.", "2. We train AI on posts."),
        (
            "We train AI on posts.\n\nOther words stand here today.",
            "Other words stand here today.\n\nWe train AI on posts.",
        ),
        ("We train AI on posts. Write to us.", "We train AI on posts. Write to us at any time, by post."),
    ],
)
def test_what_only_moves_splits_or_is_numbered_anew_is_no_change_on_ai(change, before, after):
    assert not change(PLAIN + before + "\n", PLAIN + after + "\n").ai_change


def test_a_change_without_ai_says_nothing(change):
    found = change(PLAIN, PLAIN.replace("a year", "two years"))

    assert (found.ai_change, found.ai_kind, found.verdict) == (False, None, "")


# ---- what stands -----------------------------------------------------------------------------------------------------


def in_force(ruleset, text, document="tunely/terms", stale=False):
    judged = [Spoken(clause, judge(clause.text, ruleset, heading=clause.heading)) for clause in split(text)]
    return InForce(document, judged, stale=stale)


def answers(*texts):
    return {answer.question: answer for answer in stance_of(texts)}


RIGHT, PROMISE = "We may train AI on your content.\n\n", "We will never train AI on your content.\n\n"
WAY_OUT = "You can opt out of the training of our AI in your settings.\n"


def test_silence_is_neither_yes_nor_no_and_not_tracked_is_neither(ruleset):
    assert {answer.answer for answer in answers(in_force(ruleset, PLAIN)).values()} == {"silent"}
    assert {answer.answer for answer in answers().values()} == {"not-tracked"}


def test_an_answer_names_the_clause_that_gives_it(ruleset):
    answer = answers(in_force(ruleset, PLAIN + RIGHT))["own-training"]

    assert answer.answer == "permits"
    assert answer.said[0].quote.startswith("We may train AI")
    assert answer.said[0].document == "tunely/terms"


def test_contradictions_between_documents_are_shown(ruleset):
    answer = answers(in_force(ruleset, PLAIN + RIGHT), in_force(ruleset, PROMISE, "tunely/privacy"))["own-training"]

    assert answer.contradicts
    assert (answer.answer, [said.document for said in answer.said]) == ("permits", ["tunely/terms", "tunely/privacy"])


def test_a_way_out_in_one_document_holds_for_the_right_in_another(ruleset):
    found = answers(in_force(ruleset, RIGHT), in_force(ruleset, WAY_OUT, "tunely/privacy"))

    assert (found["own-training"].answer, found["own-training"].contradicts) == ("opt-out", False)
    assert found["opt-out"].answer == "yes"


def test_what_others_do_is_no_answer_on_its_own_training(ruleset):
    found = answers(in_force(ruleset, "Our partners may use your content to train their own AI models.\n"))

    assert found["own-training"].answer == "silent"
    assert found["third-parties"].answer == "permits"


def test_an_answer_out_of_stale_texts_alone_is_stale(ruleset):
    old, fresh = in_force(ruleset, RIGHT, stale=True), in_force(ruleset, PLAIN, "tunely/privacy")

    assert answers(old, fresh)["own-training"].stale
    assert not answers(old, fresh)["likeness"].stale
    assert answers(old)["likeness"].stale


# ---- famous cases, in our own words ----------------------------------------------------------------------------------

CASES = sorted((Path(__file__).parent / "cases" / "ai").glob("*.toml"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_famous_case_comes_out_as_it_was(ruleset, path):
    case = tomllib.loads(path.read_text("utf-8"))

    def judged(clause):
        place = {"heading": clause.heading, "lead_in": clause.lead_in, "language": case["language"]}
        return judge(clause.text, ruleset, **place)

    found = judge_change(compare(case["before"], case["after"]), judged)
    expected = case["expected"]
    assert found.ai_change == expected["ai_change"]
    assert found.ai_kind == expected.get("ai_kind", found.ai_kind)
    assert found.stance_after == expected["stance_after"]
    assert list(found.silent_on) == expected["silent_on"]
    assert found.verdict


def test_what_went_and_what_came_are_one_statement_only_in_like_words(change):
    """ "Now … before …" is said of one statement; two that have nothing in common came and went."""
    gone = "If you pay for the large plan, you can switch off the training of our AI models on your uploads.\n\n"
    came = "We do not train AI models on the calendars and address books of services that you connect.\n\n"
    alike = (
        "If you pay for any plan, you can switch off the training of our AI models on your uploads and messages.\n\n"
    )
    assert not change(PLAIN + "\n" + gone, came + PLAIN).verdict.startswith("Now")
    assert change(PLAIN + "\n" + gone, alike + PLAIN).ai_kind not in ("added", "removed")


def test_a_promise_that_became_a_right_names_the_change_whatever_else_went(change):
    """However long the other clauses are that came and went."""
    long = "We do not train AI models on what you say to our support, by mail, by telephone, in a chat or in person.\n"
    found = change(
        "We will not use your uploads to train AI models.\n\n" + PLAIN + long,
        "We may use your uploads to train AI models.\n\n" + PLAIN,
    )
    assert found.verdict.startswith("Now it may train AI")


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("", "我们不会将您的内容用于模型训练。\n", "added"),
        ("我们不会将您的内容用于模型训练。\n", "", "removed"),
        ("我们可能会将您的内容用于模型训练。\n", "我们可能会将您的内容和语音用于模型训练。\n", "reworded"),
    ],
)
def test_sentences_without_spaces_are_told_apart(change, before, after, kind):
    other = "这些条款说明我们之间的权利和义务，以及如何终止。\n\n"
    assert change(other + before, other + after).ai_kind == kind


def test_a_promise_on_likeness_says_what_it_leaves_open(change):
    promise = "We will not train generative AI models that aim to replicate your voice without your consent.\n"
    found = change(PLAIN, PLAIN + promise)

    assert "says nothing of other models" in found.verdict


def test_a_right_that_reaches_back_is_marked(look):
    assert "retroactive" in look("We train AI on your posts regardless of when they were posted.").traits


def test_a_right_that_was_claimed_before_is_not_announced_as_new(change):
    held = "We may use your recordings to train our artificial intelligence models."
    more = "We may use the lyrics that you enter to train our machine learning models."
    before, after = f"{held}\n", f"{held}\n\n{more}\n"
    found = change(before, after)
    assert (found.ai_change, found.ai_kind) == (True, "added")
    assert found.verdict.startswith("Adds words to its right to train")
    assert change("Hello there.\n", f"Hello there.\n\n{more}\n").verdict.startswith("Adds a right to train")


# ---- of whom the line speaks -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Our suppliers may keep the text and use it to train their own models.", "Lets others train AI"),
        (
            "You agree that we may provide your Videos to other companies so that they can train their models.",
            "Lets others",
        ),
        ("Our suppliers are forbidden to train AI models on your content.", "Promises that others may not train AI"),
        ("We require our vendors not to use your data to train their AI models.", "Promises that others may not"),
        ("We will not let others use your content to train AI models.", "Promises that others may not train AI"),
        ("We and our partners may use your content to train AI models.", "Adds a right to train AI"),
        ("We use data from partners to train our AI models.", "Adds a right to train AI"),
        ("We may sell your data to third parties, and use it to train AI models.", "Adds a right to train AI"),
        ("Your files are never sold to third parties, or used to train AI models.", "Promises not to train AI"),
        ("Neither we nor any third party may use your content to train AI.", "Promises not to train AI"),
    ],
)
def test_the_line_says_who_may_train(change, text, said):
    """What suppliers may do is not said of the platform, and what the platform may do is not hidden behind them."""
    assert change(PLAIN, PLAIN + text + "\n").verdict.startswith(said)


def test_a_turn_of_what_others_may_do_is_said_of_them_on_both_sides(change):
    before = "Our suppliers may not use your text to train their own models.\n"
    after = "Our suppliers may keep your text and use it to train their own models.\n"

    assert change(PLAIN + before, PLAIN + after).verdict.startswith("Now others may train AI on")
    assert change(PLAIN + after, PLAIN).verdict.startswith("Drops its words that others may train AI")


def test_a_right_stands_before_a_promise_on_others_that_comes_with_it(change):
    right = "We may use your posts to train AI.\n\n"
    promise = (
        "Our suppliers are forbidden to use what you give to us in order to train models of artificial intelligence.\n"
    )
    found = change(PLAIN, PLAIN + right + promise)

    assert found.verdict.startswith("Adds a right to train AI")
    assert "elsewhere it promises" not in found.verdict


def test_the_verdict_names_the_clause_that_it_speaks_of(change):
    licence = "You let us show your content to others, and we may use AI to recommend it.\n\n"
    right = "We may use your messages and prompts to train our AI models.\n"
    found = change(PLAIN, PLAIN + licence + right)

    assert "messages and prompts" in found.verdict
    assert found.after[found.decisive][0].stance == {"training": "permits"}
    assert found.decisive in found.flagged


def test_a_change_without_ai_names_no_clause(change):
    assert change(PLAIN, PLAIN.replace("a year", "two years")).decisive is None


def test_a_missing_way_out_is_named_beside_rights_only(change):
    text = "We may use your posts to train AI.\n\n"
    found = change(PLAIN + text, PLAIN + text + "We will not use your messages to train AI.\n")

    assert "no opt-out found" not in found.verdict


def test_a_line_of_a_list_of_suppliers_is_no_right(change):
    table = "# Sub-processors\n\n| Name | Purpose | Country |\n|---|---|---|\n| Hostly | Hosting | USA |\n"
    row = "| Anthropic | Artificial Intelligence | USA |\n"

    assert change(table, table + row).verdict == "Names a company that processes data with AI"
    assert change(table + row, table).verdict == "No longer names a company that processes data with AI"


def test_words_that_go_from_a_right_that_stays_are_no_right_dropped(change):
    kept, gone = "We may use your posts to train AI.\n\n", "We may use your drafts to train our AI models.\n"

    assert "other clauses still permit it" in change(PLAIN + kept + gone, PLAIN + kept).verdict
    assert change(PLAIN + gone, PLAIN).verdict.startswith("Drops its right to train AI")


def test_each_side_is_told_in_its_own_words(change):
    before = "We will not use your content to train our models.\n"
    after = "We may use your content to train generative AI models.\n"
    verdict = change(PLAIN + before, PLAIN + after).verdict

    assert verdict.startswith("Now it may train generative AI on uploaded content; before, it promised not to train AI")


# ---- headings alone --------------------------------------------------------------------------------------------------


def test_a_clause_is_not_on_ai_features_by_its_heading_alone(look):
    text = "It took fifteen months until someone found the clause."

    assert not look(text, heading=("AI features",)).flags
    assert look("We may improve them with what you upload.", heading=("AI features",)).flags


def test_a_heading_on_ai_makes_no_clause_of_another_matter_one_on_ai(look):
    assert not look("You can cancel your plan in the settings.", heading=("AI terms",)).mentions_ai


def test_only_the_nearest_headings_speak_for_a_clause(look):
    assert not look("We use your data to send mail.", heading=("AI terms", "Your account", "Mail")).mentions_ai
    assert look("We use your data to send mail.", heading=("Terms", "AI features", "Mail")).mentions_ai


def test_headings_without_words_of_their_own_are_not_flagged_in_a_change(change):
    section = "## How we train our AI models\n\n### Applicability\n\nWe may use your posts to train AI.\n\n### Law\n"
    found = change(PLAIN, PLAIN + section)

    assert found.verdict.startswith("Adds a right to train AI")
    assert len(found.flagged) == 2  # the section and its one clause


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            "We share your messages with our AI providers.",
            "We may use your posts to train our AI models.",
            "Adds a right",
        ),
        ("Our partners may use your posts to train AI.", "We may use your posts to train AI.", "Now it may train AI"),
        ("We may use your posts to train AI.", "Our partners may use your posts to train AI.", "Lets others train AI"),
    ],
)
def test_nothing_is_said_to_be_as_before_that_was_not(change, before, after, said):
    verdict = change(PLAIN + before + "\n", PLAIN + after + "\n").verdict

    assert verdict.startswith(said)
    assert "as before" not in verdict


ITEM = "- train artificial intelligence models on your content"


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (f"We will never do the following:\n\n{ITEM}\n", f"We may do the following:\n\n{ITEM}\n", "weakened"),
        (f"We may do the following:\n\n{ITEM}\n", f"We will never do the following:\n\n{ITEM}\n", "strengthened"),
        (
            f"We will never:\n\n{ITEM}\n\nWe may:\n\n- store your files\n",
            f"We will never:\n\n- lose a thing\n\nWe may:\n\n- store your files\n{ITEM}\n",
            "weakened",
        ),
    ],
)
def test_what_stands_over_a_clause_turns_it_though_its_words_stay(change, before, after, kind):
    found = change(before, after)
    assert (found.ai_change, found.ai_kind) == (True, kind)
    assert found.flagged


def test_a_list_on_ai_under_a_new_title_of_the_same_sense_is_no_change_on_ai(change):
    before, after = f"We may do the following:\n\n{ITEM}\n", f"We may also do what follows:\n\n{ITEM}\n"
    assert not change(before, after).ai_change


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        # What was forbidden is allowed under a duty, and the reverse.
        ("AI-generated images are prohibited.", "AI-generated images must be labelled.", "weakened"),
        ("AI-generated images must be labelled.", "AI-generated images are prohibited.", "strengthened"),
        # The same, and something beside.
        ("We use public posts to train AI.", "We use public and private posts to train AI.", "weakened"),
        (
            "You must not use the output to train AI.",
            "You must not use the service or the output to train AI.",
            "strengthened",
        ),
        # Words that only came narrow a promise; a bare "not" forbids.
        (
            "We will not train any model on your photos.",
            "We will not train any model on your private photos.",
            "weakened",
        ),
        ("You may post AI images.", "You may not post AI images.", "strengthened"),
        # "Must not" and "may not" forbid alike.
        (
            "You may not use our content to train AI.",
            "Our content must not be used by you for training AI.",
            "reworded",
        ),
    ],
)
def test_words_beside_a_stance_that_stays_say_whether_it_grew_stricter(change, before, after, kind):
    assert change(PLAIN + before + "\n", PLAIN + after + "\n").ai_kind == kind


TEXTS = st.lists(st.lists(st.sampled_from("ABCD"), min_size=1, max_size=3), max_size=5).map(
    lambda paragraphs: split("\n\n".join(" ".join(f"We do {one} here." for one in some) for some in paragraphs))
)


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_which_text_has_more_of_a_sentence_is_told_without_the_clauses_of_both(before, after):
    spoken = [[one.words for clause in side for one in sentences(clause, Judgement())] for side in (before, after)]
    whole, apart = [Counter(side) for side in spoken], said_apart(before, after)
    for words in chain(*spoken):
        assert (apart[0][words] > apart[1][words]) == (whole[0][words] > whole[1][words])
        assert (apart[0][words] < apart[1][words]) == (whole[0][words] < whole[1][words])
