"""Speaks SMTP: hands one finished mail to a server and says what is known afterwards. Knows no notices."""

import contextlib
import ssl
from dataclasses import dataclass, field
from enum import StrEnum

import aiosmtplib


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
    """Hand over one mail; without the server's yes it raises NotAccepted, OutcomeUnknown or Rejected.

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
        return OutcomeUnknown(f"{account} went silent while it took the mail")
    with contextlib.suppress(aiosmtplib.SMTPException, OSError):
        await client.quit()
    return None


_FOR_NOW, _FINAL = 4, 5
"""First digits of a refusal (RFC 5321)."""

_REPAIRED_BY_OPERATORS = frozenset({530, 534, 535, 538})
"""5xx codes that speak about our login, not about the mail (RFC 4954)."""


def _answer(account: SmtpAccount, error: aiosmtplib.SMTPResponseException) -> Exception:
    """Sort an answer after login: 5xx is final, 4xx may pass; an answer that is no refusal says nothing."""
    if error.code // 100 == _FINAL and error.code not in _REPAIRED_BY_OPERATORS:
        return Rejected(error.code, error.message)
    if error.code // 100 == _FOR_NOW or error.code in _REPAIRED_BY_OPERATORS:
        return NotAccepted(f"{account} answered {error.code}")
    return OutcomeUnknown(f"{account} answered {error.code} where no such answer belongs")


def _before_data(account: SmtpAccount, error: Exception) -> str:
    """Return what an operator reads; before MAIL even a 5xx is about us: a bad login, a closed server."""
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"{account} answered {error.code}"
    if isinstance(error, TimeoutError):
        return f"{account} does not answer"
    if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
        return f"{account} does not speak TLS, or shows a certificate we do not trust"
    if isinstance(error, OSError):
        return f"{account} cannot be reached, or hung up"
    return f"{account} does not offer STARTTLS, or no login we know"
