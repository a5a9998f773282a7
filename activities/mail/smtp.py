"""Speaks SMTP: hands one finished mail to a server and says what is known afterwards. Knows no notices."""

import contextlib
import ssl
from dataclasses import dataclass, field
from enum import StrEnum

import aiosmtplib

NO_ANSWER = "does not answer"
NOT_REACHED = "cannot be reached, or hung up"
NO_TLS = "does not speak TLS, or shows a certificate we do not trust"
NOT_OFFERED = "does not offer STARTTLS, or no login we know"
WENT_SILENT = "went silent while it took the mail"
SILENCES = (NO_ANSWER, NOT_REACHED, NO_TLS, NOT_OFFERED, WENT_SILENT)
"""What is said of a server, after its host and port, that said nothing itself; pages have their own words for each."""


class Tls(StrEnum):
    """How the connection is encrypted: not at all, after STARTTLS (which must be offered), or at once."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


@dataclass(frozen=True)
class SmtpAccount:
    """The relay every mail goes through; without a user no login. The timeout holds for each step."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    tls: Tls = Tls.NONE
    timeout_seconds: float = 60.0
    trust: ssl.SSLContext | None = None

    def __str__(self) -> str:
        """Return what an operator may read: host and port, never the login."""
        return f"{self.host}:{self.port}"


class NotAccepted(Exception):
    """The server took nothing for now; asking again may help. The message names no addresses, no words."""


class Deferred(Exception):
    """The server refused this mail for now, and may take others; `reply` holds its words and stays in the database."""

    def __init__(self, message: str, reply: str) -> None:
        """Keep the server's words apart: only the message, which names host and code, may travel."""
        self.reply = reply
        super().__init__(message)


class OutcomeUnknown(Exception):
    """The connection was lost after DATA began: the server may have taken the mail. The same rule."""


class Rejected(Exception):
    """The server refused the mail for good; `reply` holds its words and stays in the database."""

    def __init__(self, code: int, words: str) -> None:
        """Keep the code apart from the words: only the code may travel."""
        self.code = code
        self.reply = f"{code} {words}".strip()
        super().__init__(str(code))


async def send(account: SmtpAccount, sender: str, recipient: str, content: bytes) -> None:
    """Hand over one mail; without the server's yes it raises NotAccepted, Deferred, OutcomeUnknown or Rejected.

    The errors of the SMTP library carry addresses, and Temporal shows an error together with its causes. So
    they become ours outside the `except` block, where nothing is chained.
    """
    client = aiosmtplib.SMTP(
        hostname=account.host,
        port=account.port,
        username=account.user or None,
        password=account.password if account.user else None,
        use_tls=account.tls is Tls.TLS,
        start_tls=account.tls is Tls.STARTTLS,
        tls_context=account.trust,
        timeout=account.timeout_seconds,
    )
    try:
        problem = await _steps(client, account, sender, recipient, content)
    finally:
        client.close()
    if problem is not None:
        raise problem


async def _steps(
    client: aiosmtplib.SMTP, account: SmtpAccount, sender: str, recipient: str, content: bytes
) -> Exception | None:
    try:
        await client.connect()
    except (aiosmtplib.SMTPException, OSError) as error:
        return NotAccepted(_before_data(account, error))
    try:
        await client.mail(sender, encoding="ascii")
    except (aiosmtplib.SMTPException, OSError) as error:
        return _to_sender(account, error)
    try:
        await client.rcpt(recipient, encoding="ascii")
    except aiosmtplib.SMTPResponseException as error:
        return _answer(account, error)
    except (aiosmtplib.SMTPException, OSError) as error:
        return NotAccepted(_before_data(account, error))
    try:
        await client.data(content)
    except aiosmtplib.SMTPResponseException as error:
        return _answer(account, error)
    except (aiosmtplib.SMTPException, OSError):
        return OutcomeUnknown(f"{account} {WENT_SILENT}")
    with contextlib.suppress(aiosmtplib.SMTPException, OSError):
        await client.quit()
    return None


_FOR_NOW, _FINAL = 4, 5
"""First digits of a refusal (RFC 5321)."""

_REPAIRED_BY_OPERATORS = frozenset({530, 534, 535, 538})
"""5xx codes that speak about our login, not about the mail (RFC 4954)."""

_CLOSING, _THE_SERVERS_OWN = 421, "4.3."
"""What speaks about the server, not about the mail: it shuts down, or its status is one of the system (RFC 3463)."""


def _to_sender(account: SmtpAccount, error: Exception) -> Exception:
    """Sort an answer to MAIL: what is refused there for now is no single mail."""
    if isinstance(error, aiosmtplib.SMTPResponseException) and error.code // 100 != _FOR_NOW:
        return _answer(account, error)
    return NotAccepted(_before_data(account, error))


def _answer(account: SmtpAccount, error: aiosmtplib.SMTPResponseException) -> Exception:
    """Sort an answer after login: 5xx is final, 4xx may pass; an answer that is no refusal says nothing."""
    says = f"{account} answered {error.code}"
    if error.code in _REPAIRED_BY_OPERATORS or error.code == _CLOSING or error.message.startswith(_THE_SERVERS_OWN):
        return NotAccepted(says)
    if error.code // 100 == _FINAL:
        return Rejected(error.code, error.message)
    if error.code // 100 == _FOR_NOW:
        return Deferred(says, f"{error.code} {error.message}".strip())
    return OutcomeUnknown(f"{account} answered {error.code} where no such answer belongs")


def _before_data(account: SmtpAccount, error: Exception) -> str:
    """Return what an operator reads; before MAIL even a 5xx is about us: a bad login, a closed server."""
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"{account} answered {error.code}"
    if isinstance(error, TimeoutError):
        return f"{account} {NO_ANSWER}"
    if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
        return f"{account} {NO_TLS}"
    if isinstance(error, OSError):
        return f"{account} {NOT_REACHED}"
    return f"{account} {NOT_OFFERED}"
