"""What operators have to repair: logins, encryption, silence. Nothing fails and nothing is lost meanwhile."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from activities.mail.smtp import Tls
from tests.activities.incoming.mailroom import MORNING, Mailroom, Server
from tests.ports import free_port


@pytest.fixture
def strict_server() -> Iterator[int]:
    """Run a mail server that knows no login."""
    controller = Controller(
        Server(),
        hostname="127.0.0.1",
        port=free_port(),
        auth_required=True,
        auth_require_tls=False,
        authenticator=lambda *_: AuthResult(success=False, handled=False),
    )
    controller.start()
    yield controller.port
    controller.stop()


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize(
    ("user", "says"), [("office", "answered 535"), ("", "answered 530")], ids=["bad login", "no login"]
)
async def test_refused_login_is_repaired_by_operators_and_fails_nothing(
    mailroom: Mailroom, strict_server: int, user: str, says: str
) -> None:
    key = mailroom.notice("R1")
    mailroom.account = replace(mailroom.account, port=strict_server, user=user, password="wrong")
    assert says in (await mailroom.refused_for_now()).problem
    assert mailroom.status(key) == "waiting"


async def test_missing_encryption_is_never_silently_done_without(mailroom: Mailroom) -> None:
    mailroom.notice("R1")
    mailroom.account = replace(mailroom.account, tls=Tls.STARTTLS)
    assert "does not offer STARTTLS" in (await mailroom.refused_for_now()).problem
    mailroom.account = replace(mailroom.account, tls=Tls.TLS, timeout_seconds=1)
    assert "does not speak TLS" in (await mailroom.refused_for_now(at=MORNING + timedelta(minutes=1))).problem
    assert mailroom.server.mails == []


async def test_silent_server_is_given_up_after_the_timeout(mailroom: Mailroom) -> None:
    mailroom.notice("R1")
    mailroom.account = replace(mailroom.account, timeout_seconds=timedelta(microseconds=1).total_seconds())
    assert "does not answer" in (await mailroom.refused_for_now()).problem
