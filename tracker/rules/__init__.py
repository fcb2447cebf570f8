"""The rules that anyone can read and change: loading them, weighing a clause by them, explaining a verdict."""

from tracker.rules.explaining import Explanation, FailedExample, deciders, describe, explain, run_examples
from tracker.rules.rulebook import Example, Rule
from tracker.rules.ruleset import RuleSet, load
from tracker.rules.weighing import Held, Weighing, weigh

__all__ = [
    "Example",
    "Explanation",
    "FailedExample",
    "Held",
    "Rule",
    "RuleSet",
    "Weighing",
    "deciders",
    "describe",
    "explain",
    "load",
    "run_examples",
    "weigh",
]
