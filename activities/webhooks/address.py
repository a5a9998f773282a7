"""Where a webhook leads: reads its URL, finds the addresses behind the name, and refuses those nobody may reach."""

import socket
from dataclasses import dataclass

import httpx

from domain.webhooks.allowed_addresses import is_allowed, is_private

LONGEST_URL = 500


class Unreachable(Exception):
    """A URL that is not spoken to; `code` says why: no_url, not_https, unknown_host, forbidden."""

    def __init__(self, code: str) -> None:
        """Keep the code."""
        self.code = code
        super().__init__(code)


@dataclass(frozen=True)
class Place:
    """A URL and the addresses that were checked; a connection goes to one of these and to no other."""

    url: httpx.URL
    addresses: tuple[str, ...]

    def at(self, address: str) -> httpx.URL:
        """Return the URL with an address instead of the name."""
        return self.url.copy_with(host=address)


def find(url: str, *, private: bool) -> Place:
    """Resolve a URL's host, which may take seconds; raises Unreachable.

    https leads anywhere in public; `private` lets https and http lead to this machine and its network as well. One
    forbidden address among several is enough to refuse them all.
    """
    parsed = _parsed(url)
    port = parsed.port or {"http": 80, "https": 443}[parsed.scheme]
    try:
        found = socket.getaddrinfo(parsed.raw_host.decode(), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable("unknown_host") from None
    addresses = tuple(dict.fromkeys(str(each[4][0]) for each in found))
    if not all(is_allowed(each, private=private) for each in addresses):
        raise Unreachable("forbidden")
    if parsed.scheme == "http" and not (private and all(map(is_private, addresses))):
        raise Unreachable("not_https")
    return Place(parsed, addresses)


def _parsed(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
        port = parsed.port
    except (httpx.InvalidURL, ValueError, UnicodeError):
        raise Unreachable("no_url") from None
    if parsed.scheme not in {"http", "https"}:
        raise Unreachable("not_https" if parsed.scheme else "no_url")
    if not parsed.host or parsed.userinfo or parsed.fragment or len(url) > LONGEST_URL:
        raise Unreachable("no_url")
    if port is not None and not 0 < port < 65536:
        raise Unreachable("no_url")
    return parsed
