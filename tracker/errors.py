"""Every error that a user can meet, as one tree.

Each error says three things: what happened, where (which document, file and place), and the remedy.
The command line prints them as three lines; a failing document never stops the others.

    TrackerError
    ├── SettingsError        tracker.toml or the environment says something we do not understand
    ├── DeclarationError     a declaration cannot be read or does not say where the document is
    ├── RuleError            a rule or vocabulary cannot be read
    ├── FetchError           a request brought nothing that could be kept
    │   ├── Refused          our own guard declined the address, or the body was too large
    │   ├── Blocked          the site turns automated readers away (403, 406, 429, 451, bot walls)
    │   ├── Gone             the page is not there any more (404, 410)
    │   └── Transient        try again later (time-outs, resets, 5xx)
    ├── ExtractionError      bytes that hold no readable legal text
    ├── ArchiveError         the archive cannot be used
    │   ├── Busy             another process is writing to it
    │   ├── Corrupt          it is damaged
    │   ├── Foreign          the file is not an archive of ours, or a newer program wrote it
    │   └── NoSpace          the disk is full or read-only
    ├── ClusterError         the workers on other machines cannot be used
    ├── Fault                a mistake in this program, met while deriving: the captures are kept
    │   └── Deadly           one that ends the process which meets it
    ├── WrongQuery           a form was filled in with what cannot be read: a date that is none
    └── NotFound             no such document, version, change or clause
"""


class TrackerError(Exception):
    """The root: catch this to catch all of ours.

    `what` is a full sentence, `where` names the document, file or place, `remedy` says what to do next.
    """

    def __init__(self, what: str, where: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what, self.where, self.remedy = what, where, remedy

    def __reduce__(self):
        # Errors cross process borders when derivation runs on several cores.
        return type(self), (self.what, self.where, self.remedy)

    def __str__(self) -> str:
        return "\n".join(line for line in (self.what, self.where, self.remedy) if line)


def about(document: str, error: TrackerError) -> TrackerError:
    """The error with the document (by id) that it concerns."""
    where = f"{document}: {error.where}" if error.where else document
    return type(error)(error.what, where, error.remedy)


class SettingsError(TrackerError):
    """A setting that cannot be used: mend tracker.toml or the environment."""


class DeclarationError(TrackerError):
    """A declaration that cannot be used: mend the JSON file at the place named."""


class RuleError(TrackerError):
    """A rule or vocabulary that cannot be used: mend the file at the place named."""


class FetchError(TrackerError):
    """A request that brought nothing we could keep; the next check tries again.

    `retry_after` is the number of seconds that the server asked to be left alone for, or None; `answered` says that
    the server was reached, whatever it said.
    """

    def __init__(
        self, what: str, where: str = "", remedy: str = "", retry_after: float | None = None, answered: bool = False
    ) -> None:
        super().__init__(what, where, remedy)
        self.retry_after, self.answered = retry_after, answered

    def __reduce__(self):
        return type(self), (self.what, self.where, self.remedy, self.retry_after, self.answered)


class Refused(FetchError):
    """We did not want it: a private address, a scheme other than http(s), too many redirects, too many bytes."""


class Blocked(FetchError):
    """The site turns automated readers away: try later, or from another address."""


class Gone(FetchError):
    """The page is not there: look for the document's new address."""


class Transient(FetchError):
    """Likely to pass by itself."""


class ExtractionError(TrackerError):
    """Bytes without readable legal text: kept as a capture, never as a version."""


class ArchiveError(TrackerError):
    """The archive cannot be used as it is."""


class Busy(ArchiveError):
    """Another process writes to this archive: wait for it or stop it."""


class Corrupt(ArchiveError):
    """The archive's file is damaged: restore a backup; nothing was written."""


class Foreign(ArchiveError):
    """The file is a database, but not an archive of ours or of a newer program."""


class NoSpace(ArchiveError):
    """The disk is full or read-only: nothing of this check was kept, all that was there still is."""


class Fault(TrackerError):
    """A mistake in this program: nothing captured is lost, and a mended program reads it again."""


class Deadly(Fault):
    """Work that ended every process that tried it: for lack of memory, or by a fault of a library."""


class ClusterError(TrackerError):
    """The workers on other machines cannot be used: nothing was lost, and a second run goes on where this one stood."""


class WrongQuery(TrackerError):
    """A question that cannot be read: a date, a number or a name that is none."""


class NotFound(TrackerError):
    """There is no such document, version, change or clause."""
