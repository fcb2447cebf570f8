"""tracker: sees when platforms change their terms, and what they say on AI."""

__version__ = "0.1.0"
