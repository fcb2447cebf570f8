"""Reading pages: from bytes to the legal text, the whole of it and nothing else; and is it the document at all?"""

from tracker.extract.decode import decode
from tracker.extract.proposal import Proposal, propose
from tracker.extract.quality import assess
from tracker.extract.reading import join, read

__all__ = ["Proposal", "assess", "decode", "join", "propose", "read"]
