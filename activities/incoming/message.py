"""What a mail says once it was read: plain values that fit the database, whatever the bytes were."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from activities.intake.attachments import Attachment


@dataclass(frozen=True)
class Sender:
    """A name and an address; both empty where there is none. The address is in ASCII, lower case in its domain."""

    name: str = ""
    address: str = ""


@dataclass(frozen=True)
class Remark:
    """What a person should know about a mail besides its words; a page says it in the reader's language."""

    code: str
    context: Mapping[str, str] = field(default_factory=dict)

    def written(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return {"code": self.code, **self.context}


@dataclass(frozen=True)
class Returned:
    """What a delivery report says (RFC 3464): of which mail, what became of it, and the other server's words.

    `action` is "failed" where a report does not say, for what is no report but comes from a mail system is one.
    """

    message_ids: tuple[str, ...] = ()
    action: str = "failed"
    error: str = ""


@dataclass(frozen=True)
class Incoming:
    """A mail that was read. `signs` are the headers that tell people from machines, by lower-case name.

    `references` are the ids it names, the one it answers first, then from the latest to the first. Without a
    Message-ID of its own it has one derived from its bytes. `text` is never longer than what the ledger keeps.
    """

    digest: str
    message_id: str
    sender: Sender = Sender()
    reply_to: Sender = Sender()
    recipients: tuple[str, ...] = ()
    subject: str = ""
    text: str = ""
    html: str = ""
    files: tuple[Attachment, ...] = ()
    references: tuple[str, ...] = ()
    sent_at: datetime | None = None
    signs: Mapping[str, str] = field(default_factory=dict)
    kind: str = "text/plain"
    report: str = ""
    returned: Returned | None = None
    remarks: tuple[Remark, ...] = ()
    unreadable: str = ""

    @property
    def wants_no_automatic_answer(self) -> bool:
        """Whether it asks that no machine answers it; a person may have written it all the same."""
        return self.signs.get("x-auto-response-suppress", "none").strip().lower() not in ("none", "")

    @property
    def writer(self) -> Sender:
        """Whom an answer should reach: Reply-To where it names somebody else, as a web form's mails do."""
        if not self.reply_to.address:
            return self.sender
        return Sender(self.reply_to.name or self.sender.name, self.reply_to.address)
