"""What a mailbox would do next: which mail it would send, which pop-ups it would show, what cannot be told at all.

Read and rendered without a lock, for that may take long; the claims carry it out where it still holds.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session, col, select

from activities.mail.delivery_policy import Quiet, is_handed_on
from activities.mail.letter_facts import NO_ADDRESS, Addressee, addressee_of
from activities.mail.message import usable_address
from activities.mail.render import Letter, Letters
from activities.mail.writing import Writing
from models.tables import Channel, NoticeRow
from models.tables.notices import is_waiting

MOST_IN_A_MAIL = 200
"""How many notices one mail carries at the most: its claim is one transaction, and a longer mail is read by nobody."""


@dataclass(frozen=True)
class Draft:
    """The notices, by id, that would be shown, withdrawn, failed or sent, and the mail for those that are carried.

    `silent` are lists with nothing to say, `broken` what cannot be told and why, `behind` what would go in later mails.
    With a `problem` the carried cannot reach their reader. Where it `moves`, others are to read what waits.
    """

    addressee: Addressee
    moves: bool = False
    pop_ups: tuple[int, ...] = ()
    silent: tuple[int, ...] = ()
    broken: tuple[tuple[int, str], ...] = ()
    carried: tuple[int, ...] = ()
    behind: tuple[int, ...] = ()
    letter: Letter | None = None
    problem: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return self == Draft(self.addressee)


class Drafts:
    """Drafts the next mail of a mailbox."""

    def __init__(self, letters: Letters) -> None:
        """Take who writes the letters."""
        self._letters = letters

    def draft(self, session: Session, mailbox: str, at: datetime, mails_from: datetime | None) -> Draft:
        """Return what may be done at `at`; no mail is drafted before `mails_from`."""
        addressee = addressee_of(session, mailbox)
        waiting = waiting_in(session, mailbox)
        if is_handed_on(session, addressee, waiting, at):
            return Draft(addressee, moves=True)
        quiet = Quiet.of(session, addressee, at)
        ready = [notice for notice in waiting if quiet.next_delivery(notice) <= at]
        pop_ups = [notice for notice in ready if Channel(notice.channel) is Channel.POP_UP]
        mails = [notice for notice in ready if Channel(notice.channel) is Channel.MAIL]
        draft = Draft(addressee, pop_ups=_ids(pop_ups))
        is_held = mails_from is not None and mails_from > at
        return draft if is_held else self._with_mail(session, draft, mails, at)

    def _with_mail(self, session: Session, draft: Draft, mails: Sequence[NoticeRow], at: datetime) -> Draft:
        """Return the draft with the first mail that can be written, and what proved to be silent or broken before."""
        addressee = draft.addressee
        address = usable_address(addressee.reader.address)
        if problem := addressee.problem or ("" if address else NO_ADDRESS):
            unreached = next(_mails(addressee, mails), [])
            return replace(draft, carried=_ids(unreached), problem=problem if unreached else "")
        reachable = replace(addressee, reader=replace(addressee.reader, address=address or ""))
        writing = Writing(session, self._letters, reachable, at)
        for together in _mails(addressee, mails):
            written = writing.best(together)
            draft = replace(draft, addressee=reachable, broken=(*draft.broken, *written.broken))
            if written.letter is not None:
                return _addressed(draft, written.letter, written.told, mails)
            draft = replace(draft, silent=(*draft.silent, *_ids(written.told)))
        return draft


def waiting_in(session: Session, mailbox: str, *, locked: bool = False) -> Sequence[NoticeRow]:
    """Return what waits, oldest first; locked, who withdraws a notice at the same moment waits, or we do."""
    waiting = select(NoticeRow).where(NoticeRow.mailbox == mailbox, is_waiting())
    waiting = waiting.order_by(col(NoticeRow.at), col(NoticeRow.id))
    return session.exec(waiting.with_for_update() if locked else waiting).all()


def _mails(addressee: Addressee, mails: Sequence[NoticeRow]) -> Iterator[Sequence[NoticeRow]]:
    """Yield what makes one mail: each list, each answer to a customer, and for staff all that is about tickets."""
    about = [notice for notice in mails if notice.ticket is not None]
    size = 1 if addressee.is_customer else MOST_IN_A_MAIL
    yield from ([notice] for notice in mails if notice.ticket is None)
    yield from (about[first : first + size] for first in range(0, len(about), size))


def _addressed(draft: Draft, letter: Letter, told: Sequence[NoticeRow], mails: Sequence[NoticeRow]) -> Draft:
    done = {*_ids(told), *draft.silent, *(number for number, _ in draft.broken)}
    behind = tuple(notice.id for notice in mails if notice.id not in done)
    return replace(draft, letter=letter, carried=_ids(told), behind=behind)


def _ids(notices: Iterable[NoticeRow]) -> tuple[int, ...]:
    return tuple(notice.id for notice in notices)
