"""Speaks HTTP to a webhook, once: to a checked address, without redirects, for ten seconds, reading 1 KB at most."""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

import httpx

from activities.runtime.pools import Pool
from activities.webhooks.address import Place, Unreachable, find
from domain.text.numbers import read_number

SECONDS = 10
MOST_READ = 1024
_NOBODY = {"no_url": "not a URL", "not_https": "not https", "unknown_host": "unknown host", "forbidden": "forbidden"}


@dataclass(frozen=True)
class Answer:
    """What a receiver said: the status code, 0 where nobody answered and `error` says why; how long it asks us to wait.

    `error` is never what the receiver wrote in more than its first kilobyte. `ours` says that it was never asked: the
    message could not be made.
    """

    code: int = 0
    error: str = ""
    wait: timedelta | None = None
    ours: bool = False

    @property
    def fine(self) -> bool:
        """Whether it was taken (2xx)."""
        return 200 <= self.code < 300


async def send(url: str, headers: Mapping[str, str], body: bytes, names: Pool, *, private: bool) -> Answer:
    """Send one message; never raises for what the other side does. The name is resolved in `names`, checked anew."""
    try:
        async with asyncio.timeout(SECONDS):
            place = await names.run(find, url, private=private)
            return await _ask(place, headers, body)
    except Unreachable as why:
        return Answer(error=_NOBODY[why.code])
    except TimeoutError:
        return Answer(error=f"no answer within {SECONDS} s")
    except httpx.LocalProtocolError as problem:
        return Answer(error=f"cannot be sent: {type(problem).__name__}", ours=True)
    except (httpx.HTTPError, httpx.StreamError, OSError) as problem:
        return Answer(error=f"{type(problem).__name__}: {problem}"[:MOST_READ])


async def _ask(place: Place, headers: Mapping[str, str], body: bytes) -> Answer:
    """Ask the checked addresses one after the other, until one lets us in; certificates are checked by the name."""
    named = {**headers, "host": place.url.netloc.decode(), "user-agent": "Statuskette"}
    extensions = {"sni_hostname": place.url.raw_host.decode()}
    timeout = httpx.Timeout(SECONDS, connect=SECONDS / 2)
    async with httpx.AsyncClient(
        verify=certificates(), follow_redirects=False, trust_env=False, timeout=timeout
    ) as client:
        for address in place.addresses:
            try:
                async with client.stream(
                    "POST", place.at(address), content=body, headers=named, extensions=extensions
                ) as response:
                    return Answer(response.status_code, await _first_words(response), _wait(response))
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if address == place.addresses[-1]:
                    raise
    raise Unreachable("unknown_host")


@cache
def certificates() -> ssl.SSLContext:
    """Return whom we trust: the public authorities, or those of SSL_CERT_FILE; reading them takes long."""
    return httpx.create_ssl_context()


async def _first_words(response: httpx.Response) -> str:
    """Return the beginning of what a receiver says about a failure; what it sends is never unpacked."""
    if response.is_success:
        return ""
    read = b""
    async for piece in response.aiter_raw(MOST_READ):
        read += piece
        if len(read) >= MOST_READ:
            break
    return "".join(each for each in read[:MOST_READ].decode(errors="replace") if each.isprintable())


def _wait(response: httpx.Response) -> timedelta | None:
    """Return the seconds a receiver asks us to wait; dates are not read."""
    asked = response.headers.get("retry-after", "")
    seconds = read_number(asked, 999_999)
    return None if seconds is None else timedelta(seconds=seconds)
