"""Kinds and signatures of webhooks, and which addresses may be spoken to."""

import base64
from datetime import UTC, datetime, timedelta, timezone

import pytest
from standardwebhooks.webhooks import Webhook

from domain.webhooks.allowed_addresses import is_allowed
from domain.webhooks.messages import (
    CUSTOMERS,
    KINDS,
    TICKETS,
    chosen,
    headers,
    message_id,
    told_of,
    utc,
    written_secret,
)


def test_every_kind_is_named_once_in_two_parts() -> None:
    assert len(set(KINDS)) == len(KINDS)
    assert all(len(kind.split(".")) == 2 for kind in KINDS)


def test_life_has_kinds_of_its_own_and_is_never_an_escalated_ticket() -> None:
    assert told_of("closed", life=True, escalates=False) == CUSTOMERS["closed"]
    assert told_of("closed", life=False, escalates=False) == TICKETS["closed"]
    assert told_of("noted", life=False, escalates=False) is None
    assert told_of("X1", life=True, escalates=True) is None


def test_signature_is_what_the_specifications_own_library_makes() -> None:
    secret, at, body = written_secret(b"k" * 32), datetime(2027, 3, 2, 16, tzinfo=UTC), '{"type":"test","ä":1}'
    made = headers("msg_1", at, body.encode(), [secret])
    assert made["webhook-signature"] == Webhook(secret).sign("msg_1", at, body)
    assert base64.b64decode(secret.removeprefix("whsec_")) == b"k" * 32


def test_id_is_the_same_for_the_same_and_has_no_full_stop() -> None:
    assert message_id(1, "a") == message_id(1, "a") != message_id(1, "b")
    assert "." not in message_id(1.5)


def test_instants_are_told_in_utc() -> None:
    assert utc(datetime(2027, 3, 2, 17, tzinfo=timezone(timedelta(hours=1)))) == "2027-03-02T16:00:00Z"


@pytest.mark.parametrize(
    "address", ["", "no address", "169.254.169.254", "168.63.129.16", "64:ff9b:1::1", "fec0::1", "224.0.0.1", "::"]
)
def test_address_that_nobody_may_speak_to(address: str) -> None:
    assert not is_allowed(address, private=True)


@pytest.mark.parametrize("address", ["2002:7f00:1::1", "64:ff9b::7f00:1", "::ffff:127.0.0.1"])
def test_address_that_stands_for_another_one_is_judged_as_that(address: str) -> None:
    assert not is_allowed(address, private=False)
    assert is_allowed(address, private=True)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1"])
def test_public_address_is_allowed(address: str) -> None:
    assert is_allowed(address, private=False)


def test_of_a_fact_only_ids_and_codes_go_with_its_kind() -> None:
    told = TICKETS["closed"]
    assert chosen({"reason": "won", "words": "secret", "kind": "closed"}, told) == {"reason": "won"}
    assert chosen({}, told) == {"reason": None}
