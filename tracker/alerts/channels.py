"""Channels: how a message leaves. Each either returns, or raises Undelivered; addresses and secrets are never said."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import smtplib
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

import httpx

from tracker.alerts.composing import Message
from tracker.alerts.subscriptions import Subscription
from tracker.errors import Refused
from tracker.fetch.gate import Gate
from tracker.settings import Settings

TIME = 20.0  # seconds for one attempt
HOST = "tracker.invalid"  # of message ids, where mail has no sender's host


class Undelivered(Exception):
    """A message that did not arrive. `final`: there is no use in trying again."""

    def __init__(self, said: str, final: bool = False) -> None:
        super().__init__(said)
        self.final = final


@dataclass(frozen=True, slots=True)
class Channels:
    """Mail, signed webhooks and what Apprise reaches, as set up on this machine."""

    settings: Settings
    environment: Mapping[str, str]
    now: Callable[[], datetime]

    def deliver(self, message: Message, to: Subscription) -> None:
        """Sends a message; returns once its receiver's server has it. Raises Undelivered."""
        scheme = urlsplit(to.to).scheme
        if scheme == "mailto":
            self._mail(message, urlsplit(to.to).path)
        elif scheme in ("http", "https"):
            asyncio.run(self._post(message, to.to))
        else:
            _notify(message, to.to)

    def _mail(self, message: Message, address: str) -> None:
        server = urlsplit(self.settings.smtp)
        if not server.hostname or not self.settings.mail_from:
            raise Undelivered("No mail server is set: write `smtp` and `mail_from` in tracker.toml.")
        try:
            mail = email(message, self.settings.mail_from, address, self.now())
            secure = ssl.create_default_context()
            if server.scheme == "smtps":
                link = smtplib.SMTP_SSL(server.hostname, server.port or 465, timeout=TIME, context=secure)
            else:
                link = smtplib.SMTP(server.hostname, server.port or 587, timeout=TIME)
            with link:
                password = self.environment.get("TRACKER_SMTP_PASSWORD", "")
                if server.scheme == "smtp" and (link.ehlo() and link.has_extn("starttls")):
                    link.starttls(context=secure)
                elif server.scheme == "smtp" and password:
                    raise Undelivered("The mail server offers no TLS: the password was not sent.")
                if server.username and password:
                    link.login(unquote(server.username), password)
                link.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            code = max(answer[0] for answer in error.recipients.values())
            raise Undelivered(f"The mail server refused the receiver ({code}).", final=code >= 500) from error
        except smtplib.SMTPResponseException as error:
            final = error.smtp_code >= 500 and isinstance(error, smtplib.SMTPDataError)
            raise Undelivered(f"The mail server answered {error.smtp_code}.", final) from error
        except (smtplib.SMTPException, OSError, UnicodeError, ValueError) as error:
            raise Undelivered(f"The mail server could not be used: {type(error).__name__}.") from error

    async def _post(self, message: Message, url: str) -> None:
        at = self.now()
        body = json.dumps({"type": "terms.changed", "timestamp": at.isoformat(), "data": message.data}).encode()
        headers = {"content-type": "application/json", "user-agent": self.settings.user_agent}
        headers |= signed(self.environment.get("TRACKER_WEBHOOK_SECRET", ""), message.name, int(at.timestamp()), body)
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
            raise Undelivered(f"The webhook could not be reached: {type(error).__name__}.") from error
        if status == 410:
            raise Undelivered("The webhook is gone (410).", final=True)
        if not 200 <= status < 300:
            raise Undelivered(f"The webhook answered {status}{' (redirects are not followed)' * (status // 100 == 3)}.")


def email(message: Message, sender: str, address: str, at: datetime) -> EmailMessage:
    """A message as mail, text and HTML. Raises ValueError for addresses that are none."""
    mail = EmailMessage()
    host = sender.rpartition("@")[2].strip("> ") or HOST
    mail["From"], mail["To"], mail["Subject"] = sender, address, message.subject
    mail["Date"], mail["Message-ID"] = format_datetime(at), f"<{message.name}@{host}>"
    if message.follows:
        mail["In-Reply-To"] = mail["References"] = f"<{message.follows}@{host}>"
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


def _notify(message: Message, url: str) -> None:
    try:
        import apprise
    except ImportError as error:
        raise Undelivered("Apprise is not installed: pip install 'tracker[notify]'.") from error
    sender = apprise.Apprise()
    if not sender.add(url):
        raise Undelivered("Apprise does not know this kind of address.", final=True)
    if not sender.notify(title=message.subject, body=message.text):
        raise Undelivered("The service did not take the message.")
