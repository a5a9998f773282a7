"""What every answer carries, and what nobody may send."""

from collections.abc import AsyncIterator, Callable

import pytest

from tests.web.visitor import HERE, Visitor

MEGA = 1024 * 1024


@pytest.mark.parametrize("path", ["/sign-in", "/", "/nothing", "/static/statuskette.css", "/health"])
async def test_every_answer_carries_the_security_headers(visitor: Callable[[], Visitor], path: str) -> None:
    """Pages, redirects, errors and files alike; no inline script or style is allowed."""
    headers = (await visitor().opens(path)).headers
    assert "'unsafe-inline'" not in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


async def test_health_answers_without_signing_in(visitor: Callable[[], Visitor]) -> None:
    """For whoever watches the process."""
    healthy = await visitor().opens("/health")
    told = healthy.json()
    assert (healthy.status_code, told["status"]) == (200, "standstill")
    assert [each["code"] for each in told["findings"]] == ["moments_late"]  # no workflow runs in the shop


async def test_body_over_the_limit_gets_a_page(anna: Visitor) -> None:
    """More than 12 MB is refused in words, also when nobody announced the length."""

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(13):
            yield b"x" * MEGA

    announced = await anna.client.post("/tickets/1/note", content=b"x" * 13 * MEGA, headers=HERE)
    form = {**HERE, "content-type": "application/x-www-form-urlencoded"}
    streamed = await anna.client.post("/tickets/1/note", content=endless(), headers=form)
    for answer in (announced, streamed):
        assert answer.status_code == 413
        assert "höchstens 12 MB" in answer.text


async def test_unknown_page_gets_a_page_in_the_person_s_language(anna: Visitor) -> None:
    """404 says so in words."""
    missing = await anna.opens("/nothing")
    assert missing.status_code == 404
    assert "Hier ist nichts" in missing.text


@pytest.mark.parametrize("number", ["0", "999999", "99999999999999999999"])
async def test_unknown_ticket_gets_a_page(anna: Visitor, number: str) -> None:
    """A number nobody has, however long, is no mistake of ours."""
    assert (await anna.opens(f"/tickets/{number}")).status_code == 404


async def test_page_that_fails_tells_no_secrets(anna: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """500 shows a sentence, keeps the headers, and no stack trace."""

    def fails(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("web.tickets.list_queries.tickets", fails)
    failed = await anna.opens("/")
    assert failed.status_code == 500
    assert "schiefgegangen" in failed.text
    assert "secret detail" not in failed.text
    assert "frame-ancestors 'none'" in failed.headers["content-security-policy"]
