"""Webhooks over https, to a real receiver: its certificate must be of the name that was written, by whom we trust."""

import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from activities.runtime.pools import Pool
from activities.webhooks import http
from activities.webhooks.http import Answer, send
from domain.webhooks.messages import headers
from tests.activities.webhooks.test_outbox import SECRET
from tests.receiver import Receiver

NAMES = Pool("names", 2)
Opens = Callable[[trustme.CA, str], Receiver]


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[trustme.CA]:
    """An authority of the company's own, which the operator named in SSL_CERT_FILE."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    http.certificates.cache_clear()
    yield authority
    http.certificates.cache_clear()


@pytest.fixture
def opens() -> Iterator[Opens]:
    """Open receivers with a certificate for a name."""
    opened = []

    def open_one(authority: trustme.CA, name: str) -> Receiver:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name).configure_cert(context)
        receiver = Receiver(tls=context)
        receiver.open()
        opened.append(receiver)
        return receiver

    yield open_one
    for receiver in opened:
        receiver.close()


async def told(receiver: Receiver) -> Answer:
    signed = headers("msg_1", datetime.now(UTC), b"{}", [SECRET])
    return await send(receiver.url, signed, b"{}", NAMES, private=True)


async def test_certificate_of_the_name_is_trusted_although_the_connection_goes_to_an_address(
    trusted: trustme.CA, opens: Opens
) -> None:
    receiver = opens(trusted, "localhost")
    assert await told(receiver) == Answer(204)
    assert receiver.heard[0].signed_with(SECRET) == {}


async def test_certificate_of_another_name_is_refused_and_nothing_is_told(trusted: trustme.CA, opens: Opens) -> None:
    receiver = opens(trusted, "elsewhere.example")
    answer = await told(receiver)
    assert answer.code == 0
    assert "certificate is not valid for 'localhost'" in answer.error
    assert receiver.heard == []


@pytest.mark.usefixtures("trusted")
async def test_certificate_by_somebody_unknown_is_refused_and_nothing_is_told(opens: Opens) -> None:
    receiver = opens(trustme.CA(), "localhost")
    answer = await told(receiver)
    assert answer.code == 0
    assert "certificate verify failed" in answer.error
    assert receiver.heard == []
