"""The post: empties a mailbox. Claim, send, mark, each step so that a crash after it loses nothing.

Which notices wait is the claims' knowledge, their words the letters', how to speak to a server SMTP's.
"""

from datetime import datetime

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.beating import beating
from activities.claims import Claim, Claims, Outcome
from activities.letters import Letters
from activities.mail_message import mail_message
from activities.pools import Pool
from activities.smtp import NotAccepted, OutcomeUnknown, Rejected, SmtpAccount, send
from activities.waking import Wake
from models.database import Database
from models.messages import Emptied, Emptying

TRANSIENT = "SmtpTransient"
"""Error type of what Temporal retries: the server took nothing for now, or nobody knows whether it did."""


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
    async def empty_mailbox(self, emptying: Emptying) -> Emptied:
        """Deliver everything a mailbox may deliver, and say when the next waiting notice may go out.

        Business time is the later of what the workflow saw and when the server started this attempt: a retry
        after an outage takes what became deliverable meanwhile. `started_time` is the server's clock, also in
        time-skipping tests; `current_attempt_scheduled_time` lags a whole back-off behind there.

        Raises ApplicationError of type SmtpTransient where only asking again can help.
        """
        at = max(emptying.at, activity.info().started_time)
        async with beating():
            return await self._empty(emptying, at)

    async def _empty(self, emptying: Emptying, at: datetime) -> Emptied:
        total = Outcome()
        while (claim := await self._pool.run(self._claims.claim, emptying.mailbox, at)).found:
            outcome = claim.settled + await self._deliver(claim, at)
            if outcome.told:
                await self._wake(outcome.told)
            total += outcome
        next_at = await self._pool.run(self._claims.next_at, emptying.mailbox, at)
        return Emptied(total.sent, total.failed, next_at)

    async def _deliver(self, claim: Claim, at: datetime) -> Outcome:
        """Send the claimed mail, and record what became of it.

        Only a mail nobody can have seen is released. One from an earlier attempt may have arrived: released,
        its notices would arrive again in other words under another id.
        """
        mail = claim.mail
        if mail is None:
            return Outcome()
        content = mail_message(mail.headers, mail.subject, mail.text, mail.html).as_bytes()
        try:
            await send(self._smtp, self._sender, mail.address, content)
        except Rejected as refusal:
            return await self._pool.run(self._claims.refused, mail, refusal.reply, at)
        except NotAccepted as reason:
            problem = str(reason)
            if claim.fresh:
                await self._pool.run(self._claims.release, mail)
        except OutcomeUnknown as reason:
            problem = str(reason)
        else:
            return await self._pool.run(self._claims.sent, mail, at)
        raise ApplicationError(problem, type=TRANSIENT, category=ApplicationErrorCategory.BENIGN)
