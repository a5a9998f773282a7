"""Delivering to webhooks: signed as the specification says, tried again and again, never to a forbidden address.

The other system is a real HTTP server; its library checks the signatures.
"""

import asyncio
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from sqlmodel import col, select
from standardwebhooks.webhooks import WebhookVerificationError
from temporalio.testing import ActivityEnvironment

from activities.ledger.webhook_outbox import body
from activities.runtime.pools import Pool
from activities.webhooks import http
from activities.webhooks.address import Unreachable, find
from activities.webhooks.deliver import Webhooks
from activities.webhooks.http import Answer, send
from domain.webhooks.messages import FIRST_REST, IN_A_ROW, PATIENCE, headers, message_id, written_secret
from models.database import Database
from models.messages import DeliverWebhookInput, DeliverWebhookResult
from models.tables import DeliveryRow, DeliveryStatus, WebhookRow
from tests.activities.webhooks.test_outbox import SECRET, hook
from tests.ports import free_port
from tests.receiver import Receiver

NAMES = Pool("names", 2)
OLD = written_secret(b"o" * 32)


class Outbox:
    """A webhook with deliveries that wait, and the activity that sends them, at a time we say."""

    def __init__(self, database: Database, url: str, **fields: Any) -> None:
        """Add the webhook."""
        self.database = database
        self.now = datetime.now(UTC)
        self.id = hook(database, url, **fields)
        self.webhooks = Webhooks(database, private=True)

    def waits(self, count: int = 1, message: str = "", **fields: Any) -> None:
        """Have deliveries wait, a second apart; a single one may have an id of its own."""
        with self.database.writing() as session:
            for n in range(count):
                at = self.now - timedelta(seconds=count - n)
                content = body("test", at, {"n": n, "word": "Grüße"})
                given = {"at": at, "next_at": self.now, "until": self.now + PATIENCE, **fields}
                row = DeliveryRow(
                    webhook=self.id, message=message or message_id(n, at, count), kind="test", body=content, **given
                )
                session.add(row)

    async def delivers(self, later: timedelta = timedelta(0)) -> DeliverWebhookResult:
        """Send what is due, a while later."""
        self.now += later
        environment = ActivityEnvironment()
        environment.info = type(environment.info)(**{**vars(environment.info), "started_time": self.now})
        delivered: DeliverWebhookResult = await environment.run(
            self.webhooks.deliver, DeliverWebhookInput(self.id, self.now)
        )
        return delivered

    @property
    def rows(self) -> list[DeliveryRow]:
        """The deliveries, in order."""
        with self.database.reading() as session:
            return list(session.exec(select(DeliveryRow).order_by(col(DeliveryRow.id))))

    @property
    def hook(self) -> WebhookRow:
        """The webhook."""
        with self.database.reading() as session:
            return session.get_one(WebhookRow, self.id)


@pytest.fixture
def outbox(database: Database, receiver: Receiver) -> Outbox:
    """Return a webhook that leads to the other system."""
    return Outbox(database, receiver.url)


async def test_message_is_signed_as_the_specification_says_and_arrives_to_the_byte(
    outbox: Outbox, receiver: Receiver
) -> None:
    outbox.waits()
    assert await outbox.delivers() == DeliverWebhookResult(sent=1)
    (heard,) = receiver.heard
    (row,) = outbox.rows
    assert heard.signed_with(SECRET)["data"] == {"n": 0, "word": "Grüße"}
    assert heard.body == row.body.encode()
    assert (heard.id, heard.headers["content-type"]) == (row.message, "application/json")
    assert abs(int(heard.headers["webhook-timestamp"]) - outbox.now.timestamp()) < 5
    assert (row.status, row.answer, row.attempts) == (DeliveryStatus.SENT, 204, 1)
    with pytest.raises(WebhookVerificationError):
        heard.signed_with(OLD)


async def test_both_secrets_sign_for_a_day_after_the_change(database: Database, receiver: Receiver) -> None:
    now = datetime.now(UTC)
    outbox = Outbox(database, receiver.url, old_secret=OLD, old_until=now + timedelta(hours=1))
    outbox.waits()
    await outbox.delivers()
    assert receiver.heard[0].signed_with(SECRET) == receiver.heard[0].signed_with(OLD)
    outbox.now = now + timedelta(hours=1)
    outbox.waits(next_at=outbox.now)
    await outbox.delivers()
    assert len(receiver.heard[1].headers["webhook-signature"].split()) == 1


async def test_what_fails_is_tried_again_under_the_same_id_later_and_later(outbox: Outbox, receiver: Receiver) -> None:
    receiver.answers = [500, 302, 404]
    outbox.waits()
    pauses = []
    for _ in range(3):
        delivered = await outbox.delivers()
        assert delivered.next_at is not None
        pauses.append(round((delivered.next_at - outbox.now).total_seconds()))
        outbox.now = delivered.next_at
    assert pauses == [5, 10, 20]
    assert await outbox.delivers() == DeliverWebhookResult(sent=1)
    assert len({(heard.id, heard.body) for heard in receiver.heard}) == 1
    assert len(receiver.heard) == 4
    (row,) = outbox.rows
    assert (row.attempts, row.status, row.error) == (4, DeliveryStatus.SENT, "")


async def test_delivery_is_given_up_after_three_days_and_never_waits_more_than_an_hour(
    outbox: Outbox, receiver: Receiver
) -> None:
    outbox.waits()
    receiver.close()
    began, pauses = outbox.now, []
    while (next_at := (await outbox.delivers()).next_at) is not None:
        pauses.append(next_at - outbox.now)
        outbox.now = next_at
    assert max(pauses) < timedelta(hours=1, seconds=5)
    assert PATIENCE - timedelta(hours=1, seconds=5) < outbox.now - began <= PATIENCE
    (row,) = outbox.rows
    assert row.status == DeliveryStatus.GIVEN_UP
    assert "ConnectError" in row.error
    assert (await outbox.delivers()).given_up == 1


async def test_one_that_cannot_be_sent_holds_nobody_back(outbox: Outbox, receiver: Receiver) -> None:
    receiver.answers = [500]
    outbox.waits(4)
    delivered = await outbox.delivers()
    assert (delivered.sent, delivered.failed) == (3, 1)
    assert [heard.said["data"]["n"] for heard in receiver.heard] == [0, 1, 2, 3]
    assert delivered.next_at is not None


async def test_receiver_that_fails_always_is_left_in_peace_for_a_minute_then_the_others_come(
    outbox: Outbox, receiver: Receiver
) -> None:
    receiver.answers = [503] * IN_A_ROW
    outbox.waits(IN_A_ROW + 2)
    delivered = await outbox.delivers()
    assert (delivered.sent, delivered.failed) == (0, IN_A_ROW)
    assert delivered.next_at is not None
    assert FIRST_REST <= delivered.next_at - outbox.now < FIRST_REST + timedelta(seconds=5)
    assert await outbox.delivers(FIRST_REST + timedelta(seconds=5)) == DeliverWebhookResult(sent=IN_A_ROW + 2)


async def test_gone_switches_the_webhook_off_and_what_waits_is_kept(outbox: Outbox, receiver: Receiver) -> None:
    receiver.answers = [410]
    outbox.waits(3)
    delivered = await outbox.delivers()
    assert (delivered.failed, delivered.next_at, outbox.hook.off) == (1, None, "gone")
    assert await outbox.delivers(timedelta(days=1)) == DeliverWebhookResult()
    assert len(receiver.heard) == 1
    assert {row.status for row in outbox.rows} == {DeliveryStatus.WAITING}


async def test_receiver_may_ask_for_a_longer_pause_but_not_for_more_than_an_hour(
    outbox: Outbox, receiver: Receiver
) -> None:
    receiver.answers, receiver.headers = [429, 429], {"retry-after": "120"}
    outbox.waits()
    delivered = await outbox.delivers()
    assert delivered.next_at is not None
    assert timedelta(seconds=119) < delivered.next_at - outbox.now < timedelta(seconds=125)
    receiver.headers = {"retry-after": "99999"}
    outbox.now = delivered.next_at
    delivered = await outbox.delivers()
    assert delivered.next_at is not None
    assert delivered.next_at - outbox.now < timedelta(hours=1, seconds=5)


async def test_redirect_is_not_followed(outbox: Outbox, receiver: Receiver) -> None:
    receiver.answers, receiver.headers = [307], {"location": receiver.url}
    outbox.waits()
    assert (await outbox.delivers()).failed == 1
    assert len(receiver.heard) == 1


async def test_of_an_answer_a_kilobyte_is_read_and_control_characters_are_left_out(
    outbox: Outbox, receiver: Receiver
) -> None:
    receiver.answers, receiver.content = [500], b"no\x00\n" + b"x" * 5_000_000
    outbox.waits()
    await outbox.delivers()
    (row,) = outbox.rows
    assert row.error.startswith("noxx")
    assert len(row.error) <= 1024


async def test_slow_receiver_is_not_waited_for(
    outbox: Outbox, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "SECONDS", 0.3)
    receiver.before = lambda _: asyncio.run(asyncio.sleep(0.8))
    outbox.waits()
    await outbox.delivers()
    (row,) = outbox.rows
    assert (row.answer, row.error) == (0, "no answer within 0.3 s")


async def test_answer_that_drips_for_ever_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every single read is quick enough; the whole is not."""
    monkeypatch.setattr(http, "SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            line, _ = server.accept()
            line.recv(4096)
            line.sendall(b"HTTP/1.1 500 Oh\r\n")
            try:
                while True:
                    line.sendall(b"x-drip: 1\r\n")
                    asyncio.run(asyncio.sleep(0.05))
            except OSError:
                line.close()

        Thread(target=drip, daemon=True).start()
        answer = await send(f"http://127.0.0.1:{server.getsockname()[1]}/", {}, b"{}", NAMES, private=True)
    assert answer == Answer(error="no answer within 0.5 s")


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::a00:1]/",
        "https://[2002:7f00:1::]/",
        "https://10.1.2.3/",
        "https://192.168.0.1/",
        "https://100.64.0.1/",
        "https://[fd00::1]/",
        "https://localhost/",
        "https://0.0.0.0/",
    ],
)
async def test_nobody_is_reached_in_our_own_network_unless_the_setting_allows_it(url: str) -> None:
    """Also not under the names an address has besides its own; the check is repeated at every attempt."""
    with pytest.raises(Unreachable, match="forbidden"):
        find(url, private=False)
    assert await send(url, {}, b"{}", NAMES, private=False) == Answer(error="forbidden")


@pytest.mark.parametrize(
    "url",
    ["https://169.254.169.254/", "https://[fe80::1]/", "https://168.63.129.16/", "https://224.0.0.1/", "https://0/"],
)
def test_metadata_and_everybody_at_once_are_never_reached(url: str) -> None:
    with pytest.raises(Unreachable, match="forbidden"):
        find(url, private=True)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "no_url"),
        ("told", "no_url"),
        ("https://", "no_url"),
        ("https://anna:secret@example.com/", "no_url"),
        ("https://example.com/#part", "no_url"),
        ("https://example.com:99999/", "no_url"),
        ("https://" + "a" * 500, "no_url"),
        ("ftp://example.com/", "not_https"),
        ("http://93.184.216.34/", "not_https"),
        ("https://nowhere.invalid/", "unknown_host"),
    ],
)
def test_url_that_cannot_be_says_why(url: str, code: str) -> None:
    for private in (False, True):
        with pytest.raises(Unreachable, match=code):
            find(url, private=private)


async def test_connection_goes_to_the_address_that_was_checked_and_names_the_host(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name leads elsewhere a moment later: nobody asks for it again. A dead address before a living one is left."""
    asked: list[str] = []
    found = [(0, 0, 0, "", ("127.0.0.2", 0)), (0, 0, 0, "", ("127.0.0.1", 0))]

    def answers(host: str, *_: object, **__: object) -> list[Any]:
        asked.append(host)
        return found if host == "other.example" else socket_getaddrinfo(host, *_, **__)

    socket_getaddrinfo: Callable[..., list[Any]] = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", answers)
    signed = headers("msg_1", datetime.now(UTC), b"{}", [SECRET])
    answer = await send(f"http://other.example:{receiver.port}/told", signed, b"{}", NAMES, private=True)
    assert answer == Answer(204)
    assert receiver.heard[0].headers["host"] == f"other.example:{receiver.port}"
    assert asked.count("other.example") == 1


async def test_nobody_at_home_is_said(database: Database) -> None:
    outbox = Outbox(database, f"http://127.0.0.1:{free_port()}/")
    outbox.waits()
    assert (await outbox.delivers()).failed == 1


async def test_what_was_over_a_month_ago_is_forgotten(outbox: Outbox) -> None:
    outbox.waits()
    await outbox.delivers()
    await outbox.delivers(timedelta(days=29))
    assert len(outbox.rows) == 1
    await outbox.delivers(timedelta(days=2))
    assert outbox.rows == []


async def test_forty_events_to_a_dead_address_are_four_attempts(outbox: Outbox, receiver: Receiver) -> None:
    """Within twenty seconds: at once, then five and fifteen seconds later. Each event had its signal, and queued."""
    receiver.close()
    for n in range(40):
        outbox.now += timedelta(seconds=0.5)
        outbox.waits(message=f"m{n}", at=outbox.now, next_at=outbox.now)
        await outbox.delivers()
    assert sum(row.attempts for row in outbox.rows) <= 4
    receiver.open()
    assert (await outbox.delivers(timedelta(minutes=1))).sent == 40
    assert (outbox.hook.failures, outbox.hook.failing_since, outbox.hook.rests_until) == (0, None, None)


async def test_webhook_that_rests_says_until_when_and_is_asked_nothing_before(
    outbox: Outbox, receiver: Receiver
) -> None:
    receiver.close()
    outbox.waits(2)
    delivered = await outbox.delivers()
    assert (delivered.failed, delivered.rests, delivered.next_at) == (1, True, outbox.hook.rests_until)
    assert (await outbox.delivers(timedelta(seconds=1))).failed == 0
    assert [row.attempts for row in outbox.rows] == [1, 0]


async def test_probe_after_a_rest_is_of_what_waits_longest_and_is_due(outbox: Outbox, receiver: Receiver) -> None:
    """At a receiver that goes on refusing a few, the others come all the same."""
    receiver.answers = [400] * (IN_A_ROW + 1)
    outbox.waits(IN_A_ROW + 3)
    assert (await outbox.delivers()).failed == IN_A_ROW
    assert (await outbox.delivers(FIRST_REST + timedelta(seconds=1))).failed == 1
    assert (await outbox.delivers(2 * FIRST_REST + timedelta(seconds=1))).sent == IN_A_ROW + 3


async def test_message_that_cannot_be_made_stops_nobody_behind_it(outbox: Outbox, receiver: Receiver) -> None:
    """Its id fits into no header; it fails for itself, again and again, and the webhook does not rest for it."""
    outbox.waits(1, message="id-ä")
    outbox.waits(1, message="line\nbreak")
    outbox.waits(2)
    delivered = await outbox.delivers()
    assert (delivered.sent, delivered.failed, delivered.rests) == (2, 2, False)
    broken = [row for row in outbox.rows if row.status != DeliveryStatus.SENT]
    assert all(row.error.startswith("cannot be sent: ") and row.next_at > outbox.now for row in broken)


async def test_broken_secret_is_said_at_the_delivery_and_ends_with_the_next_secret(
    outbox: Outbox, receiver: Receiver
) -> None:
    with outbox.database.writing() as session:
        session.get_one(WebhookRow, outbox.id).secret = "whsec_%%%a"
    outbox.waits()
    assert (await outbox.delivers()).failed == 1
    (row,) = outbox.rows
    assert row.error == "cannot be sent: Error"
    with outbox.database.writing() as session:
        session.get_one(WebhookRow, outbox.id).secret = SECRET
    assert (await outbox.delivers(timedelta(seconds=6))).sent == 1


async def test_what_waited_three_days_at_a_dead_address_is_given_up_although_it_was_never_tried(
    outbox: Outbox, receiver: Receiver
) -> None:
    """A dead address is probed once an hour: of a thousand deliveries most are never tried by themselves."""
    receiver.close()
    outbox.waits(100)
    while outbox.now < outbox.rows[0].at + PATIENCE + timedelta(hours=2):
        await outbox.delivers(timedelta(minutes=70))
    outbox.waits(1, message="new", at=outbox.now, until=outbox.now + PATIENCE)
    await outbox.delivers(timedelta(minutes=70))
    assert [row.status for row in outbox.rows] == [DeliveryStatus.GIVEN_UP] * 100 + [DeliveryStatus.WAITING]


async def test_what_our_own_outage_kept_back_is_sent_however_old_it_is(outbox: Outbox, receiver: Receiver) -> None:
    """The other system was there all the time: one failure now gives nothing up but what it hit."""
    outbox.waits(3, until=outbox.now - timedelta(days=1))
    receiver.answers = [500]
    delivered = await outbox.delivers()
    assert (delivered.sent, delivered.failed, delivered.given_up) == (2, 1, 1)
