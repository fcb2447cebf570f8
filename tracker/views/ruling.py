"""What the pages of the rules say: each rule in words, its examples, and where it holds in the texts of today."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from tracker import rules as ruleroom
from tracker.model import moment, stamp
from tracker.rules import Example, Rule, RuleSet
from tracker.store import Store
from tracker.views import entries, phrases
from tracker.views.quotes import excerpt, tail
from tracker.views.runs import visible

Values = dict[str, Any]

SHOWN = 40  # hits that a page quotes
LATEST = "select id from version where id in (select max(id) from version group by document_id)"
GROUPS = {
    "topic": "Rules with a topic: what they hold for is flagged",
    "trait": "Remarks: what a flagged clause says besides",
    "possibly": "Euphemisms: words that may mean AI, shown and never flagged",
    "names": "What makes a clause one on AI at all",
}


def names(store: Store, ruleset: RuleSet) -> list[str]:
    """The ids of all rules, and of those that flagged a clause of the archive and are no more."""
    gone = {row["rule"] for row in store.rows("select distinct rule from flag")} - {rule.id for rule in ruleset.rules}
    return [*(rule.id for rule in ruleset.rules), *sorted(gone)]


def rules_page(store: Store, ruleset: RuleSet) -> Values:
    """Every rule with what it looks for and how many clauses in force it flags."""
    hits = _counts(store)
    rows = [{**_brief(rule), "hits": hits[rule.id] if rule.topic else None} for rule in ruleset.rules]
    return {
        "kind": "rules",
        "title": "Rules",
        "version": ruleset.version,
        "languages": list(ruleset.languages),
        "groups": [
            {"group": name, "words": words, "rules": [one for one in rows if one["group"] == name]}
            for name, words in GROUPS.items()
            if any(one["group"] == name for one in rows)
        ],
    }


def rule_page(store: Store, ruleset: RuleSet, name: str) -> Values:
    """One rule: its conditions, the sentences that it must and must not match, and the clauses in force that it
    flags. A rule that is no more says so."""
    rule = next((one for one in ruleset.rules if one.id == name), None)
    if rule is None:
        return {"kind": "rule-gone", "title": "A rule that is no more", "rule": visible(name)}
    hits = _hits(store, rule) if rule.topic else []
    counts = _counts(store)
    return {
        "kind": "rule",
        "title": visible(rule.title),
        **_brief(rule),
        "why": visible(rule.why),
        "basis": rule.basis,
        "languages": list(rule.languages),
        "severity": rule.severity,
        "place": rule.place,
        "when": [ruleroom.describe(test) for test in rule.when],
        "unless": [ruleroom.describe(test) for test in rule.unless],
        "gives_way": [phrases.topic(topic) for topic in rule.unless_topics],
        "matches": [_example(one) for one in rule.examples if one.holds],
        "rejects": [_example(one) for one in rule.examples if not one.holds],
        "hits": counts[rule.id] if rule.topic else None,
        "quotes": hits,
        "version": ruleset.version,
    }


def _brief(rule: Rule) -> Values:
    group = "topic" if rule.topic else "trait" if rule.trait else "possibly" if rule.possibly else "names"
    return {
        "rule": rule.id,
        "page": entries.rule_page(rule.id),
        "words": visible(rule.title),
        "group": group,
        "topic": rule.topic or None,
        "topic_words": phrases.topic(rule.topic) if rule.topic else "",
        "trait": rule.trait or None,
        "examples": len(rule.examples),
    }


def _example(one: Example) -> Values:
    return {
        "text": visible(one.text),
        "heading": [visible(part) for part in one.heading],
        "lead_in": visible(one.lead_in),
        "language": one.language,
        "stance": one.stance,
    }


def _counts(store: Store) -> Counter[str]:
    """How many clauses of the latest versions each rule flags."""
    listed = store.rows(
        "select f.rule, count(distinct w.version_id || '/' || w.position) as n from flag f "
        f"join version_clause w on w.clause_id = f.clause_id where w.version_id in ({LATEST}) group by f.rule"
    )
    return Counter({row["rule"]: row["n"] for row in listed})


def _hits(store: Store, rule: Rule) -> list[Values]:
    listed = store.rows(
        "select d.slug, d.platform, d.terms_type, v.at, c.text, c.lead_in, c.key, c.language, f.spans, f.stance "
        "from flag f join version_clause w on w.clause_id = f.clause_id join clause c on c.id = f.clause_id "
        f"join version v on v.id = w.version_id and v.id in ({LATEST}) join document d on d.id = v.document_id "
        "where f.rule = ? group by c.key, d.id order by d.slug, w.position limit ?",
        *(rule.id, SHOWN),
    )
    return [_hit(row, rule) for row in listed]


def _hit(row: dict[str, Any], rule: Rule) -> Values:
    text, shortened = excerpt(row["text"], [tuple(span) for span in json.loads(row["spans"])])
    at = moment(row["at"])
    page = entries.address("version", row["slug"], f"{at:%Y-%m-%d-%H%M%S}")
    return {
        "platform": visible(row["platform"]),
        "terms_type": visible(row["terms_type"]),
        "at": stamp(at),
        "text": text,
        "shortened": shortened,
        "lead_in": tail(row["lead_in"]),
        "language": row["language"],
        "words": phrases.label(rule.topic, row["stance"])[0] if row["stance"] else "",
        "tone": phrases.label(rule.topic, row["stance"])[1] if row["stance"] else "open",
        "page": f"{page}#{entries.anchor(row['key'])}",
    }
