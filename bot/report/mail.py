"""
Sending a mail through the desk's own mail server.

MailRefused   in one sentence: what is wrong, and what to do about it
"""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Literal

Security = Literal["starttls", "tls", "none"]

PATIENCE = 10.0  # seconds for each step


class MailRefused(Exception):
    """A mail was not sent; the message says why."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """
    How a mail server is reached.

    `security` is starttls (port 587), tls from the first byte (port 465), or none, which is for a server on this machine. Without a
    `user` nobody logs in. `trust` is whose certificates are believed, those of the system where it is None.
    """

    host: str
    port: int = 587
    security: Security = "starttls"
    user: str = ""
    password: str = ""
    trust: ssl.SSLContext | None = None

    def send(self, message: EmailMessage) -> list[str]:
        """
        Send a message to everybody in its To, and return those of them whom the server takes no mail for; blocks for some seconds.

        Raises:
            MailRefused: nobody got it.
        """
        where = f"The mail server {self.host}:{self.port}"
        try:
            server = self._connected()
            try:
                if self.user:
                    server.login(self.user, self.password)
                return list(server.send_message(message))
            finally:
                with suppress(smtplib.SMTPException, OSError):  # what was taken was taken
                    server.quit()
        except ssl.SSLError as error:
            why = getattr(error, "verify_message", "") or error.reason or "no TLS is spoken there"
            raise MailRefused(f"{where} cannot be trusted: {why}.") from error
        except smtplib.SMTPAuthenticationError as error:
            raise MailRefused(f"{where} refused the user or the password.") from error
        except smtplib.SMTPNotSupportedError as error:
            raise MailRefused(f"{where} does not offer what is asked of it: {error}") from error
        except smtplib.SMTPRecipientsRefused as error:
            raise MailRefused(
                f"{where} takes no mail for {', '.join(error.recipients)}."
            ) from error
        except smtplib.SMTPResponseException as error:
            said = error.smtp_error
            words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
            raise MailRefused(f"{where} refused: {error.smtp_code} {words}") from error
        except (OSError, smtplib.SMTPException) as error:
            raise MailRefused(f"{where} cannot be reached: {_plain(error)}.") from error

    def _connected(self) -> smtplib.SMTP:
        trust = self.trust or ssl.create_default_context()
        if self.security == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=PATIENCE, context=trust)
        server = smtplib.SMTP(self.host, self.port, timeout=PATIENCE)
        try:
            if self.security == "starttls":
                server.starttls(context=trust)
        except BaseException:
            server.close()
            raise
        return server


def _plain(error: OSError) -> str:
    return str(error.strerror or error).rstrip(".") or type(error).__name__


def password_in(file: Path) -> str:
    """
    Return the password that stands in a file, its first line.

    Raises:
        MailRefused: it cannot be read, or nothing stands there.
    """
    try:
        password = file.read_text(encoding="utf-8").partition("\n")[0].strip()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise MailRefused(f"The password of the mail server is not in {file}: {why}.") from error
    if not password:
        raise MailRefused(f"The password of the mail server is not in {file}: nothing is.")
    return password


def letter(
    *,
    subject: str,
    sender: str,
    to: tuple[str, ...],
    text: str,
    page: str,
    at: datetime,
    message_id: str,
) -> EmailMessage:
    """Return a mail of a text and, for those who see it, a page; `message_id` is that of a repeat, too."""
    message = EmailMessage()
    message["Subject"] = " ".join(subject.split())
    message["From"] = sender
    message["To"] = ", ".join(to)
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence answers it
    message.set_content(text)
    message.add_alternative(page, subtype="html")
    return message
