"""Turns a letter into the bytes of a mail. Knows clean headers; knows no words and no database."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import parseaddr

from domain.text.legible import breaks_a_line, is_legible

_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,120}@[!-;=?-~]{1,120}>")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESS = re.compile(rf"{_ATOM}(\.{_ATOM})*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_CHANGED_BY_IDNA2008 = frozenset("ßς\u200c\u200d")
_THREAD_LENGTH = 20


def one_line(text: str) -> str:
    """Return a text fit for a header: controls, line ends of every kind and bidi controls become spaces."""
    return " ".join("".join(" " if breaks_a_line(character) else character for character in text).split())


def usable_address(address: str) -> str | None:
    """Return an address in ASCII, an umlaut domain in punycode; None where no mail can be sent to it."""
    local, at, domain = address.strip().rpartition("@")
    if not at or _CHANGED_BY_IDNA2008 & set(domain):
        return None
    try:
        plain = f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return None
    return plain if _ADDRESS.fullmatch(plain) else None


def mailbox_header(name: str, address: str) -> str:
    """Return a name and an address as From and To show them, quoted where the name needs it."""
    return str(Address(one_line(name), addr_spec=address))


def sender_of(mail_from: str) -> tuple[str, str]:
    """Return name and address of the configured sender; raises ValueError when there is no usable address."""
    name, address = parseaddr(mail_from)
    usable = usable_address(address)
    if usable is None or not is_legible(mail_from):
        raise ValueError(f"mail_from: {mail_from!r} holds no usable address")
    return name, usable


def message_id(mailbox: str, notice_keys: Iterable[str], domain: str) -> str:
    """Return the id of the mail that carries these notices: the same ones always make the same id."""
    text = "\n".join([mailbox, *sorted(notice_keys)])
    return f"<{hashlib.sha256(text.encode()).hexdigest()[:32]}@{domain}>"


def thread(ids: Iterable[str]) -> str:
    """Return a References header: the first message and the latest; what is no message id is left out.

    Ids come from customers' mails, so a malformed one must not break the header or smuggle anything in.
    """
    known = list(dict.fromkeys(found for text in ids for found in _MESSAGE_ID.findall(text)))
    return " ".join([*known[:1], *known[1:][1 - _THREAD_LENGTH :]])


class _MessageIds(UnstructuredHeader, BaseHeader):
    """References, one id a line: the library would encode long ids as words, which no mail program reads."""

    def fold(self, *, policy: Policy) -> str:
        """Return the header with each id on a line of its own."""
        return f"{self.name}: " + f"{policy.linesep} ".join(str(self).split()) + policy.linesep


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("references", _MessageIds)
_HEADERS.map_to_type("in-reply-to", _MessageIds)
_POLICY = SMTP.clone(header_factory=_HEADERS)


def mail_message(headers: Mapping[str, str], subject: str, text: str, html: str) -> EmailMessage:
    """Return the mail; the same arguments always make the same bytes, so a repeat is recognised as one."""
    message = EmailMessage(policy=_POLICY)
    for name, value in headers.items():
        message[name] = one_line(value)
    message["Subject"] = one_line(subject)
    message.set_content(text, charset="utf-8", cte="quoted-printable")
    message.add_alternative(html, subtype="html", charset="utf-8", cte="quoted-printable")
    fingerprint = hashlib.sha256("\0".join([*headers.values(), text]).encode()).hexdigest()
    message.set_boundary(f"=_{fingerprint[:40]}")
    return message
