"""A worker's process of its own, so that a test can kill it: empties Anna's mailbox once."""

import asyncio
import sys
from collections.abc import Sequence

from temporalio.testing import ActivityEnvironment

from activities.mail.render import Letters
from activities.mail.send import Post
from activities.mail.smtp import SmtpAccount
from models.database import Database
from models.messages import DeliverMailInput
from tests.activities.incoming.mailroom import MAIL_FROM, MORNING, ROOT


async def _nobody(_mailboxes: Sequence[str]) -> None:
    raise AssertionError("nobody is to be woken")


async def main(url: str, port: int) -> None:
    """Deliver, unless somebody ends the process first."""
    letters = Letters("https://office.example", MAIL_FROM, ROOT / "templates/mail")
    post = Post(Database(url), letters, SmtpAccount("127.0.0.1", port), _nobody)
    await ActivityEnvironment().run(post.empty_mailbox, DeliverMailInput("person:anna", MORNING))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
