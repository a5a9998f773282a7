"""Somebody at a browser without a window.

Opens pages, fills in forms as they are on the page, and sends them.
"""

from html.parser import HTMLParser

import httpx

from tests.web.shop import PASSWORD

HERE = {"origin": "http://127.0.0.1:8000", "sec-fetch-site": "same-origin"}


class Visitor:
    """A browser with cookies."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        """Take the client."""
        self.client = client

    async def opens(self, path: str, **headers: str) -> httpx.Response:
        """Open a page."""
        return await self.client.get(path, headers=headers)

    async def signs_in(self, name: str, password: str = PASSWORD, going_to: str = "/") -> httpx.Response:
        """Sign in."""
        await self.opens(f"/sign-in?next={going_to}")
        return await self.sends("/sign-in", "/sign-in", name=name, password=password, next=going_to)

    async def sends(self, page: str, action: str, **typed: str) -> httpx.Response:
        """Open a page and send the form that leads to `action`, with its hidden fields and what was typed."""
        hidden = hidden_fields((await self.opens(page)).text, action)
        return await self.posts(action, **{**hidden, **typed})

    async def posts(self, action: str, **fields: str) -> httpx.Response:
        """Send fields as one of our own forms would."""
        return await self.client.post(action, data=fields, headers=HERE)


def hidden_fields(page: str, action: str) -> dict[str, str]:
    """Return the hidden fields of the form on a page that leads to `action`."""
    reader = _Forms(action)
    reader.feed(page)
    assert reader.found, f"no form leads to {action}"
    return reader.fields


class _Forms(HTMLParser):
    def __init__(self, action: str) -> None:
        super().__init__()
        self._action = action
        self._inside = False
        self.found = False
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember the hidden fields inside the wanted form."""
        named = dict(attrs)
        if tag == "form":
            self._inside = (named.get("action") or "").partition("#")[0] == self._action and not self.found
            self.found |= self._inside
        elif tag == "input" and self._inside and named.get("type") == "hidden":
            self.fields[named["name"] or ""] = named.get("value") or ""
