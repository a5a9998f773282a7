"""Writes one mail for notices, and finds those that cannot be told, so that they hold up nothing else."""

import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jinja2 import TemplateNotFound
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlmodel import Session

from activities.mail.auto_reply import receipt_of
from activities.mail.digest_facts import report
from activities.mail.letter_facts import ANSWER, BROKEN, Addressee, Unwritable, item_of, reply_of
from activities.mail.render import Letter, Letters
from domain.service.catalogue import AUTOMATIC_LETTER, CONFIRMING_LETTER
from models.tables import NoticeRow


@dataclass(frozen=True)
class Written:
    """A letter, the notices it tells, and by id those that cannot be told, with the reason.

    Without a letter what is told are lists with nothing to say.
    """

    letter: Letter | None
    told: Sequence[NoticeRow]
    broken: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class Writing:
    """Writes to one reader, as things stand at an instant."""

    session: Session
    letters: Letters
    addressee: Addressee
    at: datetime

    def best(self, notices: Sequence[NoticeRow]) -> Written:
        """Return the letter for as many of these notices as can be told together.

        Where they can be told one by one but not together, the first is told alone.
        """
        letter, problem = self._tried(notices)
        if not problem:
            return Written(letter, notices)
        alone = {notice.id: self._tried([notice])[1] for notice in notices}
        broken = tuple((number, reason) for number, reason in alone.items() if reason)
        sound = [notice for notice in notices if not alone[notice.id]]
        for told in filter(None, (sound, sound[:1])):
            letter, problem = self._tried(told)
            if not problem:
                return Written(letter, told, broken)
        return Written(None, (), broken)

    def _tried(self, notices: Sequence[NoticeRow]) -> tuple[Letter | None, str]:
        """Return the letter, or why it cannot be written; what only the database can repair is raised."""
        try:
            return self._letter(notices), ""
        except (DBAPIError, NoConnection):
            raise
        except Exception as error:  # noqa: BLE001 whatever is wrong with one notice must not hold up the others
            return None, _in_words(error)

    def _letter(self, notices: Sequence[NoticeRow]) -> Letter | None:
        """Return the letter; None for a list that has nothing to say."""
        first, reader = notices[0], self.addressee.reader
        message_id = self.letters.message_id(self.addressee.mailbox, [notice.key for notice in notices])
        if self.addressee.is_customer:
            return self._to_customer(first, message_id)
        if first.ticket is None:
            said = report(self.session, first.kind, self.addressee.short, self.at)
            return None if said.is_empty else self.letters.digest(reader, said, self.at, message_id)
        items = [item_of(self.session, notice) for notice in notices]
        return self.letters.notify(reader, items, self.at, message_id)

    def _to_customer(self, notice: NoticeRow, message_id: str) -> Letter:
        reader = self.addressee.reader
        if notice.kind == ANSWER:
            return self.letters.answer(reader, reply_of(self.session, notice), self.at, message_id)
        if notice.kind in (AUTOMATIC_LETTER, CONFIRMING_LETTER):
            receipt = receipt_of(self.session, notice, reader.language, self.at)
            return self.letters.receipt(reader, notice.kind, receipt, self.at, message_id)
        raise Unwritable(f"nobody writes {notice.kind!r} to a customer")


def _in_words(error: Exception) -> str:
    """Return what operators read: class and place, and the message only where it cannot hold words about people."""
    *_, place = traceback.extract_tb(error.__traceback__)
    said = str(error.name) if isinstance(error, TemplateNotFound) else ""
    said = str(error) if isinstance(error, Unwritable) else said
    what = ": ".join(filter(None, (BROKEN, type(error).__name__, said)))
    return f"{what} ({Path(place.filename).name}:{place.lineno})"
