"""The post: empties a mailbox. Claim, send, mark, each step so that a crash after it loses nothing.

Which notices wait is the claims' knowledge, their words the letters', how to speak to a server SMTP's.
"""

import asyncio
from datetime import datetime
from functools import partial

from temporalio import activity

from activities.mail.fates import Outcome
from activities.mail.message import mail_message
from activities.mail.outbox_claims import Claim, Claims
from activities.mail.render import Letters
from activities.mail.smtp import Deferred, NotAccepted, OutcomeUnknown, Rejected, SmtpAccount, send
from activities.runtime.heartbeat import beating
from activities.runtime.notify import Wake, wake_all
from activities.runtime.pools import Pool
from models.database import Database
from models.messages import DeliverMailInput, DeliverMailResult

_LONGEST_SECONDS = 120
"""How long one attempt goes on to the next mail; its workflow comes round for the rest."""


class Post:
    """Delivers notices: pop-ups by showing them, mails by SMTP."""

    def __init__(
        self,
        database: Database,
        letters: Letters,
        smtp: SmtpAccount,
        wake: Wake,
        pool: Pool | None = None,
    ) -> None:
        """Take what the post needs; `wake` signals mailboxes that notices were written for them."""
        self._pool = pool or Pool("post", 4)
        self._claims = Claims(database, letters)
        self._sender = letters.sender
        self._smtp = smtp
        self._wake = wake

    @activity.defn(name="empty_mailbox")
    async def empty_mailbox(self, emptying: DeliverMailInput) -> DeliverMailResult:
        """Deliver what a mailbox may deliver, for a while, and say when the next waiting notice may go out.

        Business time is the later of what the workflow saw and when the server started this attempt: a retry
        after an outage takes what became deliverable meanwhile. `started_time` is the server's clock, also in
        time-skipping tests; `current_attempt_scheduled_time` lags a whole back-off behind there.

        What the mail server does not take is no error: it is tried again when the workflow comes round.
        """
        at = max(emptying.at, activity.info().started_time)
        async with beating():
            return await self._empty(emptying, at)

    async def _empty(self, emptying: DeliverMailInput, at: datetime) -> DeliverMailResult:
        total = Outcome(mails_from=emptying.mails_from)
        clock = asyncio.get_running_loop()
        until = clock.time() + _LONGEST_SECONDS
        while (claim := await self._pool.run(self._claims.claim, emptying.mailbox, at, total.mails_from)).found:
            outcome = claim.settled + await self._deliver(claim, at)
            await wake_all(self._wake, outcome.told)
            total += outcome
            if clock.time() >= until:
                break
        next_at = await self._pool.run(self._claims.next_at, emptying.mailbox, at, total.mails_from)
        held = total.mails_from is not None and total.mails_from > at
        return DeliverMailResult(total.sent, total.failed, next_at, total.problem, total.mails_from if held else None)

    async def _deliver(self, claim: Claim, at: datetime) -> Outcome:
        """Send the claimed mail, and record what became of it."""
        mail = claim.mail
        if mail is None:
            return Outcome()
        content = mail_message(mail.headers, mail.subject, mail.text, mail.html).as_bytes()
        take_down, fresh = self._pool.run, claim.fresh
        try:
            await send(self._smtp, self._sender, mail.address, content)
        except Rejected as refusal:
            return await take_down(self._claims.refused, mail, refusal.reply, at)
        except Deferred as refusal:
            outcome = await take_down(partial(self._claims.deferred, mail, refusal.reply, at, fresh=fresh))
            return outcome + Outcome(problem=str(refusal))
        except OutcomeUnknown as silence:
            outcome = await take_down(partial(self._claims.deferred, mail, str(silence), at, fresh=False))
            return outcome + Outcome(problem=str(silence))
        except NotAccepted as reason:
            outcome = await take_down(self._claims.held, claim, mail, str(reason), at)
            return outcome + Outcome(problem=str(reason))
        return await take_down(self._claims.sent, mail, at)
