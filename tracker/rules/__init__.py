"""The rules that anyone can read and change: loading them, weighing a clause by them, explaining a verdict."""

from tracker.rules.rulebook import Example, Rule
from tracker.rules.ruleset import (
    Explanation,
    FailedExample,
    Held,
    RuleSet,
    Weighing,
    describe,
    explain,
    load,
    run_examples,
    weigh,
)

__all__ = [
    "Example",
    "Explanation",
    "FailedExample",
    "Held",
    "Rule",
    "RuleSet",
    "Weighing",
    "describe",
    "explain",
    "load",
    "run_examples",
    "weigh",
]
