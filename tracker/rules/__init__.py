"""The rules that anyone can read and change: loading them, weighing a clause by them, explaining a verdict."""

from importlib import import_module

from tracker.rules.ruleset import RuleSet, load

_HOMES = {
    "Example": "rulebook",
    "Explanation": "explaining",
    "FailedExample": "explaining",
    "Held": "weighing",
    "Rule": "rulebook",
    "Weighing": "weighing",
    "deciders": "explaining",
    "describe": "explaining",
    "explain": "explaining",
    "run_examples": "explaining",
    "weigh": "weighing",
}
__all__ = ["RuleSet", "load", *_HOMES]


def __getattr__(name: str) -> object:
    if name in _HOMES:  # what weighs and explains is loaded where a clause is weighed
        return getattr(import_module(f"tracker.rules.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
