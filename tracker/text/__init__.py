"""A text and its clauses: divided so that nothing is lost, and what of each clause is substance."""

from tracker.text.clauses import Clauses, holding, split
from tracker.text.keys import clause_key, identity, substance_hash
from tracker.text.sentences import sentences
from tracker.text.wording import plain, substance

__all__ = ["Clauses", "clause_key", "holding", "identity", "plain", "sentences", "split", "substance", "substance_hash"]
