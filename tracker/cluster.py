"""Workers on other machines: those of a Dask scheduler, as an executor like any other.

What travels to a worker is a unit as it stands in the archive, compressed; what travels back is packed as well, and is
unpacked here only when its turn has come. Workers need neither a shared disk nor a database, but the same program:
each says what it is made of, when the connection is made and again with every unit, for a worker may join later.
Dask itself does the unit of a worker that was lost again elsewhere, and gives one up on which several were lost.
"""

from __future__ import annotations

import logging
import pickle
import platform
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from concurrent.futures import TimeoutError as Unfinished
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from tracker import __version__
from tracker.engine import Crew, Killed, attempted
from tracker.errors import ClusterError, SettingsError
from tracker.store.archive import decompress, zstd

if TYPE_CHECKING:
    from distributed import Client

CONNECT = 10.0  # seconds for the scheduler to answer
GATHER = 30.0  # seconds for a first worker to join
PATIENCE = 120.0  # seconds without any worker, after which none is waited for: a nanny makes a new one in a few
GLANCE = 2.0  # seconds between two looks at whether anybody is there
LARGEST = 1 << 30  # bytes that one unit may become: what more follows from is not one document's history
# What the same bytes could be read otherwise with.
LIBRARIES = ("beautifulsoup4", "diff-match-patch", "lxml", "pypdfium2", "rapidfuzz")
PACKING = 3  # zstd's level for what travels back: texts shrink to a tenth in no time
AGAIN = "What was done until now is kept: run it again and it goes on from there."

Parts = dict[str, str]


@contextmanager
def connected(address: str) -> Iterator[Crew]:
    """The workers of the scheduler at an address, such as `tcp://10.0.0.1:8786`, or `tls://…` with the certificates
    that Dask's own settings name.

    Raises SettingsError where Dask is missing here, ClusterError where the scheduler does not answer, no worker is
    there, or one runs another program.
    """
    client = _client(address)
    try:
        _compare(client, address)
        threads = sum(client.nthreads().values())
        yield Crew(lambda: _Workers(client, address), max(4, 2 * threads))
    finally:
        _close(client)


@cache
def made_of() -> Parts:
    """What a process would read with: the program, Python, and the libraries that decide what a page says."""
    digest = sha256()
    for file in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(file.read_bytes())
    parts = {"tracker": f"{__version__} ({digest.hexdigest()[:8]})", "Python": platform.python_version()[:4]}
    for name in LIBRARIES:
        try:
            parts[name] = version(name)
        except PackageNotFoundError:
            parts[name] = "none"
    return parts


def perform(work: bytes, expected: Parts) -> bytes:
    """One unit of work, on a worker: `work` is a function with what it is for, pickled. What came of it, packed."""
    if other := _differences(expected, made_of()):
        return _pack(ClusterError(f"A worker runs another program: {other}.", platform.node(), _SAME))
    done = attempted(*pickle.loads(work))
    sent = _pack(done.error or done)
    if len(sent) > LARGEST:
        what = f"What follows from it is too large to send: {len(sent):,} bytes, packed."
        return _pack(ClusterError(what, platform.node(), "Run it without --cluster."))
    return sent


_SAME = "Install the same version of tracker and of its dependencies on every machine."


class _Workers(Executor):
    """Sends units to Dask. Shut down, it drops what is on the way; the connection stays."""

    def __init__(self, client: Client, address: str) -> None:
        self._client, self._address = client, address
        self._sent: set[Any] = set()

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **_: Any) -> Future[Any]:
        with _explained(self._address):
            work = pickle.dumps((function, *arguments))
            remote = self._client.submit(perform, work, made_of(), pure=False)
        self._sent.add(remote)
        coming = _Coming(self._client, self._address)
        remote.add_done_callback(lambda done: (self._sent.discard(done), _hand_over(done, coming, self._address)))
        return coming

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        left, self._sent = list(self._sent), set()
        with suppress(Exception):  # the scheduler may be gone
            self._client.cancel(left, force=True)


class _Coming(Future):
    """What a worker sends back; whoever waits for it learns when nobody is left to send it."""

    def __init__(self, client: Client, address: str) -> None:
        super().__init__()
        self._client, self._address = client, address

    def result(self, timeout: float | None = None) -> Any:
        seen = monotonic()
        while True:
            try:
                said = unpacked(super().result(GLANCE))
            except Unfinished:
                if self._client.status != "running":
                    raise _lost(self._address) from None
                if _workers(self._client):
                    seen = monotonic()
                elif monotonic() - seen > PATIENCE:
                    what = "No worker is left: they ended, or have less memory than the program needs."
                    remedy = f"Start workers, with a nanny, and with 1 GiB or more for each (--memory-limit). {AGAIN}"
                    raise ClusterError(what, self._address, remedy) from None
                continue
            if isinstance(said, Exception):
                raise said
            return said.value


def _hand_over(remote: Any, coming: Future[Any], address: str) -> None:
    """Takes what came of a unit out of Dask's hands, in a thread of Dask's."""
    from distributed.scheduler import KilledWorker

    try:
        if remote.status == "finished":
            coming.set_result(remote.result())
        elif remote.status == "error":
            error = remote.exception()
            named = f"A worker could not take the work: {type(error).__name__}: {error}"
            killed = isinstance(error, KilledWorker)
            coming.set_exception(Killed(str(error)) if killed else ClusterError(named, address, _SAME))
        else:
            coming.set_exception(_lost(address))
    except Exception:  # whatever hindered it: what was to come does not
        coming.set_exception(_lost(address))


def _client(address: str) -> Client:
    if not address.startswith(("tcp://", "tls://")):
        remedy = "Write the scheduler's address as it says it itself: tcp://10.0.0.1:8786, or tls://…"
        raise ClusterError("This is no address of a scheduler.", address, remedy)
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        import dask
    except ImportError:
        remedy = "Install it, here and on the workers: pip install 'tracker[cluster]'."
        raise SettingsError("Workers on other machines need the package distributed.", "--cluster", remedy) from None
    # We say ourselves what is wrong, and a document's history may well be ten megabytes.
    quiet = {"logging": {"distributed": "critical", "distributed.client": "critical", "distributed.core": "critical"}}
    dask.config.set({**quiet, "distributed.admin.large-graph-warning-threshold": "1GB"})
    # Else it keeps the last thousand messages for its developers, with all that was sent in them.
    dask.config.set({"distributed.admin.low-level-log-length": 0})
    if address.startswith("tls://"):
        _find_certificates(address, dask.config.get("distributed.comm.tls", {}))
    with _explained(address):
        from distributed import Client

        client = Client.__new__(Client)  # at hand also where it does not come to be, to be closed
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about versions: they are compared below, where it matters
            try:
                client.__init__(address, timeout=CONNECT, set_as_default=False, name="tracker")
            except BaseException:
                _close(client)
                raise
        return client


def _find_certificates(address: str, named: dict[str, Any]) -> None:
    """Makes sure that the files are there that Dask's settings name."""
    remedy = "Name them as Dask does: DASK_DISTRIBUTED__COMM__TLS__CA_FILE and so on (docs/cluster.md)."
    client = named.get("client") or {}
    files = [named.get("ca-file"), client.get("cert"), client.get("key")]
    if not files[0]:
        raise ClusterError("There are no certificates to speak TLS with.", address, remedy)
    for file in filter(None, files):
        if not Path(file).is_file():
            raise ClusterError("A file of certificates that Dask's settings name is not there.", str(file), remedy)


def _close(client: Client) -> None:
    """Ends a connection, also one that does not end by itself: else Dask tries again when it is forgotten."""
    with suppress(Exception):
        client.close(timeout=GLANCE)
    client.status = "closed"


def _compare(client: Client, address: str) -> None:
    """Makes sure that somebody is there, and that everybody would read as we do."""
    with _explained(address):
        try:
            client.wait_for_workers(1, timeout=GATHER)
        except TimeoutError:
            remedy = f"Start one on each machine: dask worker {address} --nthreads 1"
            raise ClusterError("The scheduler has no workers.", address, remedy) from None
        # The scheduler looks at what passes, so it needs the program too, but reads nothing with it.
        at_all = {address: _answer(client.run_on_scheduler, made_of)}
        workers = _answer(client.run, made_of, on_error="return")
    for place, parts in (at_all | workers if isinstance(workers, dict) else {address: workers}).items():
        if isinstance(parts, Exception):
            what = f"This program is not there: {type(parts).__name__}: {str(parts).splitlines()[0]}"
            raise ClusterError(what, place, _SAME)
        if place != address and (other := _differences(made_of(), parts)):
            raise ClusterError(f"A worker runs another program: {other}.", place, _SAME)


def _answer(ask: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """What the other side answers, or why it does not."""
    try:
        return ask(*arguments, **options)
    except Exception as error:
        return error


def _differences(here: Parts, there: Parts) -> str:
    names = [name for name in here | there if here.get(name) != there.get(name)]
    return "; ".join(f"{name} {there.get(name, 'none')} there, {here.get(name, 'none')} here" for name in names)


def _workers(client: Client) -> int:
    """How many workers do something, or could: one that has no memory left is given nothing any more."""
    try:
        known = client.scheduler_info(n_workers=-1)["workers"].values()
        return sum(one["status"] == "running" or bool(one["metrics"]["task_counts"].get("executing")) for one in known)
    except Exception:  # the connection is being made anew
        return 0


def _pack(said: object) -> bytes:
    return zstd.compress(pickle.dumps(said), PACKING)


def unpacked(sent: bytes) -> Any:
    """What `perform` sent back: what came of a unit, or the error that concerns the cluster or the unit."""
    return pickle.loads(decompress(sent))


def _lost(address: str) -> ClusterError:
    return ClusterError("The connection to the scheduler was lost.", address, AGAIN)


@contextmanager
def _explained(address: str) -> Iterator[None]:
    try:
        yield
    except (OSError, TimeoutError, ValueError, RuntimeError, TypeError) as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        remedy = "Is it running (dask scheduler), reachable from here, and is TLS set up alike on both sides?"
        raise ClusterError(f"The scheduler does not answer: {said}", address, remedy) from error
