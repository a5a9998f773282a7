"""What makes a form that was sent the same one: who sent it where, its id, and what it said.

The form changed and sent again is another one, so nothing that was typed is dropped.
"""

import hashlib
from collections.abc import Mapping
from contextlib import AbstractContextManager

from activities.ledger import sent_forms
from activities.ledger.sent_forms import SentForm
from web.shell.csrf import FIELD
from web.shell.request import Visit, fresh_id

FORM = "command"
"""The field that carries a form's id."""


def creating(visit: Visit, typed: Mapping[str, str], *files: bytes) -> AbstractContextManager[SentForm]:
    """Open the transaction in which a form that was sent may create something, once."""
    key = hashlib.sha256(_whole(visit, typed, files).encode(errors="replace")).hexdigest()
    return sent_forms.creating(visit.services.database, key, visit.now)


def drawn(visit: Visit, what: str, typed: Mapping[str, str]) -> bytes:
    """Return 32 bytes that nobody can guess and that are the same whenever the form is sent: a secret to be shown."""
    return visit.services.seal.drawn(what, _whole(visit, typed, ()))


def _whole(visit: Visit, typed: Mapping[str, str], files: tuple[bytes, ...]) -> str:
    """Return everything that makes a form this one; one without an id is never the same again."""
    form = typed.get(FORM, "") or fresh_id()
    said = sorted((name, value) for name, value in typed.items() if name not in (FIELD, FORM))
    sums = [hashlib.sha256(file).hexdigest() for file in files]
    return repr((visit.person.short, visit.request.url.path, form, said, sums))
