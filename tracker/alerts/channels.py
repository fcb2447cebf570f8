"""Channels: how a message leaves. Each either returns, or raises Undelivered; addresses and secrets are never said."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import logging
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from queue import Empty, SimpleQueue
from urllib.parse import SplitResult, unquote, urlsplit

import httpx

from tracker import secrets
from tracker.alerts.composing import Message
from tracker.alerts.subscriptions import Subscription, read
from tracker.errors import Refused, SettingsError
from tracker.fetch.gate import Gate
from tracker.settings import Settings

TIME = 20.0  # seconds for one attempt, or for one answer of a mail server
WHOLE = 60.0  # seconds for a mail or a notification from beginning to end, however slowly the other side answers
REFERENCES = 20  # messages of a thread that a mail names
HOST = "tracker.invalid"  # of message ids, where mail has no sender's host


_REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (ssl.SSLCertVerificationError, "showed a certificate that cannot be trusted; nothing was sent"),
    (ssl.SSLError, "could not agree with us on TLS"),
    (socket.gaierror, "is at no such host"),
    (ConnectionRefusedError, "refused the connection"),
    (TimeoutError, "did not answer in time"),
    (httpx.TimeoutException, "did not answer in time"),
    (smtplib.SMTPServerDisconnected, "hung up, or was cut off because it took too long"),
    (ConnectionError, "broke off the connection"),
    (httpx.RemoteProtocolError, "answered what is no HTTP"),
)


class Undelivered(Exception):
    """A message that did not arrive. `final`: there is no use in trying again; `gone`: nor with any other message,
    until somebody says so."""

    def __init__(self, said: str, final: bool = False, gone: bool = False) -> None:
        super().__init__(said)
        self.final, self.gone = final, gone


@dataclass(frozen=True, slots=True)
class Channels:
    """Mail, signed webhooks and what Apprise reaches, as set up on this machine."""

    settings: Settings
    secrets: Mapping[str, str]
    now: Callable[[], datetime]

    def deliver(self, message: Message, to: Subscription) -> None:
        """Sends a message; returns once its receiver's server has it. Raises Undelivered."""
        address = self._address(to.to)
        scheme = urlsplit(address).scheme
        if scheme == "mailto":
            self._mail(message, urlsplit(address).path)
        elif scheme in ("http", "https"):
            asyncio.run(self._post(message, address))
        else:
            _notify(message, address)

    def _address(self, to: str) -> str:
        """The address itself, where a subscription only names the secret that holds it."""
        if not to.startswith("$"):
            return to
        found = self.secrets.get(to[1:], "")
        try:
            return read({"to": found}, to).to
        except SettingsError as error:
            said = "holds no address" if found else f"is set neither in the environment nor in {secrets.FILE}"
            raise Undelivered(f"{to} {said}.") from error

    def _mail(self, message: Message, address: str) -> None:
        server = urlsplit(self.settings.smtp)
        if not server.hostname or not self.settings.mail_from:
            raise Undelivered("No mail server is set: write `smtp` and `mail_from` in tracker.toml.")
        secure = ssl.create_default_context()
        if server.scheme == "smtps":
            link: smtplib.SMTP = smtplib.SMTP_SSL(timeout=TIME, context=secure)
        else:
            link = smtplib.SMTP(timeout=TIME)
        try:
            mail = email(message, self.settings.mail_from, address, self.now())
            link._host = server.hostname  # type: ignore[attr-defined] # what TLS checks the certificate against
            with _cut_off(link, WHOLE):
                link.connect(server.hostname, server.port or (465 if server.scheme == "smtps" else 587))
                self._hand_over(link, server, secure, mail)
        except smtplib.SMTPRecipientsRefused as error:
            code = max(answer[0] for answer in error.recipients.values())
            raise Undelivered(f"The mail server refused the receiver ({code}).", final=code >= 500) from error
        except smtplib.SMTPResponseException as error:
            final = error.smtp_code >= 500 and isinstance(error, smtplib.SMTPDataError)
            raise Undelivered(f"The mail server answered {error.smtp_code}.", final) from error
        except (smtplib.SMTPException, OSError, UnicodeError, ValueError) as error:
            raise Undelivered(f"The mail server {_why(error)}.") from error

    def _hand_over(self, link: smtplib.SMTP, server: SplitResult, secure: ssl.SSLContext, mail: EmailMessage) -> None:
        with link:
            password = self.secrets.get("TRACKER_SMTP_PASSWORD", "")
            if server.scheme == "smtp" and (link.ehlo() and link.has_extn("starttls")):
                link.starttls(context=secure)
            elif server.scheme == "smtp" and password:
                raise Undelivered("The mail server offers no TLS: the password was not sent.")
            if server.username and password:
                link.login(unquote(server.username), password)
            link.send_message(mail)

    async def _post(self, message: Message, url: str) -> None:
        at = self.now()
        body = json.dumps({"type": message.type, "timestamp": at.isoformat(), "data": message.data}).encode()
        headers = {"content-type": "application/json", "user-agent": self.settings.user_agent}
        headers |= signed(self.secrets.get("TRACKER_WEBHOOK_SECRET", ""), message.name, int(at.timestamp()), body)
        transport = httpx.AsyncHTTPTransport(verify=ssl.create_default_context(), trust_env=False)
        transport._pool._network_backend = Gate(self.settings.allow_loopback)
        try:
            async with (
                asyncio.timeout(TIME),
                httpx.AsyncClient(transport=transport, follow_redirects=False) as client,
                client.stream("POST", url, content=body, headers=headers) as answer,
            ):
                status = answer.status_code  # what it says beside is not read
        except Refused as error:
            raise Undelivered("The webhook's address is not a public one.", final=True) from error
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise Undelivered(f"The webhook {_why(error)}.") from error
        if status == 410:
            raise Undelivered("The webhook is gone (410).", gone=True)
        if not 200 <= status < 300:
            raise Undelivered(f"The webhook answered {status}{' (redirects are not followed)' * (status // 100 == 3)}.")


def email(message: Message, sender: str, address: str, at: datetime) -> EmailMessage:
    """A message as mail, text and HTML. Raises ValueError for addresses that are none."""
    mail = EmailMessage()
    host = sender.rpartition("@")[2].strip("> ") or HOST
    mail["From"], mail["To"], mail["Subject"] = sender, address, message.subject
    mail["Date"], mail["Message-ID"] = format_datetime(at), f"<{message.name}@{host}>"
    if message.follows:
        earlier = [f"<{name}@{host}>" for name in message.follows[-REFERENCES:]]
        mail["In-Reply-To"], mail["References"] = earlier[-1], " ".join(earlier)
    plain = sender.rpartition("<")[2].strip("> ")
    mail["List-Unsubscribe"], mail["Auto-Submitted"] = f"<mailto:{plain}?subject=unsubscribe>", "auto-generated"
    mail.set_content(message.text, cte="quoted-printable")
    mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
    return mail


def signed(secret: str, name: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers of the Standard Webhooks specification. Raises Undelivered where the secret is none."""
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        key = b""
    if len(key) < 24:
        raise Undelivered("TRACKER_WEBHOOK_SECRET must be whsec_ and the base64 of at least 24 bytes.")
    digest = hmac.digest(key, f"{name}.{timestamp}.".encode() + body, hashlib.sha256)
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": name, "webhook-timestamp": str(timestamp), "webhook-signature": signature}


def _why(error: BaseException) -> str:
    """What kept a server from taking a message, in words, by the first of the errors that led here that tells."""
    seen: BaseException | None = error
    while seen is not None:
        if said := next((said for kind, said in _REASONS if isinstance(seen, kind)), ""):
            return said
        seen = seen.__cause__ or seen.__context__
    return f"could not be used: {type(error).__name__}"


@contextmanager
def _cut_off(link: smtplib.SMTP, seconds: float) -> Iterator[None]:
    """Ends a connection after so many seconds: a server that answers a letter at a time never meets a time-out of its
    own."""
    over, end = threading.Event(), time.monotonic() + seconds

    def watch() -> None:
        while not over.wait(min(1.0, seconds / 4)):
            if time.monotonic() > end:
                with suppress(OSError, AttributeError):  # in the middle of a handshake, which has its own time-out
                    link.sock.shutdown(socket.SHUT_RDWR)

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _notify(message: Message, url: str) -> None:
    """Sends by Apprise, in a thread that nobody waits for any longer than that: its services have time-outs of their
    own, not all of them for the whole."""
    try:
        import apprise
    except ImportError as error:
        raise Undelivered("Apprise is not installed: pip install 'tracker[notify]'.") from error
    logging.getLogger("apprise").propagate = False  # it names addresses, which may be secret
    sender = apprise.Apprise()
    if not sender.add(url):
        raise Undelivered("Apprise does not know this kind of address.", final=True)
    came: SimpleQueue[bool] = SimpleQueue()

    def notify() -> None:
        came.put(bool(sender.notify(title=message.subject, body=message.text)))

    threading.Thread(target=notify, daemon=True).start()
    try:
        taken = came.get(timeout=WHOLE)
    except Empty as error:
        raise Undelivered(f"The service did not answer within {WHOLE:.0f} seconds.") from error
    if not taken:
        raise Undelivered("The service did not take the message.")
