"""Whether alerts survive being killed: SIGKILL at random moments of looking and sending, with many receivers.

    TRACKER_CORPUS=… python benchmarks/kill_alerts.py [--times 200] [--receivers 50] [--seed 1]

A server plays real documents from change to change. At every moment `tracker check`, which looks, records and sends, is
killed a few times at random and then runs twice to its end; half of the receivers get mail, half signed webhooks, over
real connections to this machine. A run without kills over the same moments says what has to arrive. Lost is what one of
its receivers never got; a duplicate is what came in two messages of different ids, so that a receiver who honours the
id would be told twice.
"""

from __future__ import annotations

import argparse
import base64
import csv
import hashlib
import hmac
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter, defaultdict
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import socket

from aiosmtpd.controller import Controller

from tracker.store import Store

DOCUMENTS = (
    "cursor/privacy-policy", "grok/terms-of-service", "llama-api/terms-of-service", "xai/privacy-policy",
    "civitai/terms-of-service", "microsoft-copilot/terms-of-service", "grindr/terms-of-service",
)  # fmt: skip
KEY = bytes(range(32))


class Receivers:
    """A webhook and a mail server on this machine, which keep what came: (receiver, id) with how often."""

    def __init__(self) -> None:
        self.got: Counter[tuple[str, str]] = Counter()
        self.wrong = 0
        receivers = self

        class Hook(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                name = self.headers["webhook-id"]
                signed = f"{name}.{self.headers['webhook-timestamp']}.".encode() + body
                digest = base64.b64encode(hmac.digest(KEY, signed, hashlib.sha256)).decode()
                receivers.wrong += self.headers["webhook-signature"] != f"v1,{digest}"
                receivers.got[f"http{self.path}", name] += 1
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        class Mail:
            async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
                name = message_from_bytes(envelope.content, policy=policy.default)["Message-ID"]
                for address in envelope.rcpt_tos:
                    receivers.got[address, name.strip("<>").partition("@")[0]] += 1
                return "250 OK"

        self.web = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
        threading.Thread(target=self.web.serve_forever, daemon=True).start()
        with socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.mail = Controller(Mail(), hostname="127.0.0.1", port=self.port)
        self.mail.start()

    def close(self) -> None:
        self.mail.stop()
        self.web.shutdown()
        self.web.server_close()

    def addresses(self, count: int) -> dict[str, str]:
        """The receivers as subscriptions name them, by the name under which what they get is kept."""
        base = f"http://127.0.0.1:{self.web.server_address[1]}"
        mails = {f"reader{n}@example.org": f"mailto:reader{n}@example.org" for n in range(count // 2)}
        return mails | {f"http/hook/{n}": f"{base}/hook/{n}" for n in range(count - count // 2)}


class Run:
    """An archive that looks at all moments in turn, with or without kills, and what its receivers got."""

    def __init__(self, folder: Path, base: str, count: int, declared: Path) -> None:
        folder.mkdir()
        self.folder, self.base, self.receivers = folder, base, Receivers()
        self.addresses = self.receivers.addresses(count)
        tables = "\n".join(f'[[alert]]\nto = "{to}"' for to in self.addresses.values())
        settings = f'smtp = "smtp://127.0.0.1:{self.receivers.port}"\nmail_from = "terms@example.org"\ndelay = 0.0\n'
        (folder / "tracker.toml").write_text(settings + tables)
        self.archive, self.took, self.counts = folder / "tracker.db", 3.0, Counter()
        self.environment = os.environ | {
            "TRACKER_ALLOW_LOOPBACK": "1",
            "TRACKER_DECLARATIONS": str(declared),
            "TRACKER_ARCHIVE": str(self.archive),
            "TRACKER_WEBHOOK_SECRET": f"whsec_{base64.b64encode(KEY).decode()}",
        }

    def check(self, wait: float | None = None) -> None:
        """Looks once, and is killed after `wait` seconds."""
        self.let_time_pass()
        command = [sys.executable, "-m", "tracker", "check", *DOCUMENTS]
        start = time.monotonic()
        process = subprocess.Popen(
            command, cwd=self.folder, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            start_new_session=True,
        )  # fmt: skip
        try:
            _, err = process.communicate(timeout=wait or 600)
            self.took = 0.7 * self.took + 0.3 * (time.monotonic() - start)
            self.counts["ended"] += 1
            if b"fault of ours" in err or b"Traceback" in err:
                print(err.decode()[-1500:])
                self.counts["faults"] += 1
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            self.counts["killed"] += 1

    def let_time_pass(self) -> None:
        """What was sent was sent an hour ago: what is new need not be gathered with it."""
        if self.archive.exists() and self.archive.stat().st_size:
            with closing(Store.write(self.archive)) as store, store.transaction():
                store.db.execute(
                    "update delivery set due_at = strftime('%Y-%m-%dT%H:%M:%SZ', due_at, '-1 hour') "
                    "where state in ('sent', 'waiting')"
                )

    def told(self) -> dict[str, Counter[str]]:
        """What each receiver learned: how many messages of different ids told it of each alert."""
        from tracker.alerts import subscriptions

        names = {subscriptions([{"to": to}])[0].target: name for name, to in self.addresses.items()}
        with Store.read(self.archive) as store:
            rows = store.rows(
                "select d.target, d.message, d.kind, d.state, a.document, a.clause, a.verdict "
                "from delivery d join alert a on a.id = d.alert_id"
            )
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for row in rows:
            self.counts[f"deliveries {row['state']}"] += 1
            what = f"{row['kind']} {row['document']} {row['clause'].partition('#')[0]} {row['verdict']}"
            if self.receivers.got[names[row["target"]], row["message"]]:
                found[names[row["target"]]][what] += 1
        known = {(names[row["target"]], row["message"]) for row in rows}
        self.counts["messages of no delivery"] = len(self.receivers.got.keys() - known)
        self.counts["messages"] = len(self.receivers.got)
        self.counts["messages sent again under their id"] = sum(self.receivers.got.values()) - len(self.receivers.got)
        self.counts["wrong signatures"] = self.receivers.wrong
        return found


def moments(corpus: Path) -> list[datetime]:
    """A moment after each substantive change of the documents, in order."""
    found = set()
    for name in DOCUMENTS:
        with (corpus / "replay" / "docs" / name / "changes.csv").open(encoding="utf-8") as rows:
            found |= {row["to_ts"] for row in csv.DictReader(rows) if row["label"] == "substantive"}
    begin = min(found)
    first = datetime.fromisoformat(begin) - timedelta(days=2)
    return [first, *(datetime.fromisoformat(at) + timedelta(minutes=1) for at in sorted(found))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--receivers", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    corpus = Path(os.environ.get("TRACKER_CORPUS", ""))
    if not (corpus / "replay" / "serve.py").is_file():
        sys.exit("Set TRACKER_CORPUS to the folder of real captures; there is nothing to measure without it.")
    chance, days = random.Random(args.seed), moments(corpus)
    command = [sys.executable, str(corpus / "replay" / "serve.py"), "--port", "0", "--at", f"{days[0]:%Y-%m-%d}"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    base = next(found[0] for line in server.stdout if (found := re.search(r"http://127\.0\.0\.1:\d+", line)))
    with tempfile.TemporaryDirectory() as scratch:
        declared = Path(scratch) / "declared"
        declare = [sys.executable, str(corpus / "replay" / "declare.py"), "--out", str(declared), "--base", base]
        subprocess.run(declare, check=True, capture_output=True)
        runs = [Run(Path(scratch) / name, base, args.receivers, declared) for name in ("calm", "killed")]
        calm, killed = runs
        try:
            for number, at in enumerate(days):
                clock = f"{base}/clock?at={at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
                urllib.request.urlopen(urllib.request.Request(clock, data=b""))
                left = max(0, args.times - killed.counts["killed"])
                for _ in range(-(-left // (len(days) - number))):
                    killed.check(wait=chance.uniform(0.3, 1.05 * killed.took))
                for run in (killed, killed, calm, calm):
                    run.check()
                print(f"moment {number + 1} of {len(days)}, {killed.counts['killed']} killed", file=sys.stderr)
            for run in runs:
                run.check()
            report(calm, killed)
        finally:
            server.terminate()
            for run in runs:
                run.receivers.close()


def report(calm: Run, killed: Run) -> None:
    expected, found = calm.told(), killed.told()
    lost = [(who, what) for who, told in expected.items() for what in told if not found[who][what]]
    twice = [(who, what) for who, told in found.items() for what, count in told.items() if count > 1]
    more = [(who, what) for who, told in found.items() for what in told if not expected[who][what]]
    print(json.dumps({"calm": calm.counts, "killed": killed.counts}, indent=1))
    print(f"{sum(map(len, expected.values()))} alerts to {len(expected)} receivers expected")
    print(f"{len(lost)} lost, {len(twice)} told twice under different ids, {len(more)} that the calm run did not tell")
    for who, what in (*lost[:5], *twice[:5], *more[:5]):
        print("  ", who, what)
    sys.exit(bool(lost or twice or more))


if __name__ == "__main__":
    main()
