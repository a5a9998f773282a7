"""What a person typed into a form that could not be taken, to be handed back; nothing that the page had put there.

Never a password, a token or a hidden field.
"""

from fastapi import Request
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from web.shell.csrf import form_of
from web.shell.forms import REASON, REMARK, VALUE, WAS

LINES = frozenset(
    {
        "name",
        "company",
        "subject",
        "title",
        "task",
        "category",
        "email",
        "phone",
        "url",
        "customer_name",
        "customer_email",
        "customer_phone",
    }
)
"""Fields of one line whose content is somebody's own, however short."""
TEXTS = frozenset({"text", "body", "note", "digests", "catalogue", "calendar"})
_NEVER = ("csrf", "password", "token", "secret")
_SEEN = "seen_"
"""Before the name of a hidden field that holds what the page had shown."""
_WORDS = 3
"""A field we do not know is worth keeping from so many words on: an id or a choice has one."""


async def typed(request: Request) -> list[str]:
    """Return the texts of a form, in its order; none where it cannot be read, or is the one for signing in."""
    if request.method in {"GET", "HEAD"} or request.url.path == "/sign-in":
        return []
    try:
        form = await form_of(request)
    except (HTTPException, ClientDisconnect):
        return []
    return list(dict.fromkeys(texts(form)))


def texts(form: FormData) -> list[str]:
    """Return what is worth keeping."""
    return [value for name, value in form.multi_items() if isinstance(value, str) and is_worth_keeping(name, value)]


def is_worth_keeping(name: str, value: str) -> bool:
    """Whether a field holds words of a person, and not what the page had put there."""
    if not value.strip() or name.endswith(WAS) or name.startswith(_SEEN) or any(part in name for part in _NEVER):
        return False
    if name in LINES or name in TEXTS or name.startswith((VALUE, REASON, REMARK)):
        return True
    return len(value.split()) >= _WORDS
