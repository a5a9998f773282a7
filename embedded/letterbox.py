"""The company's own mailbox: of the mails that are caught, those to its address are delivered into a Maildir."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from activities.incoming.classify import Ours

_STAMP = "%Y%m%dT%H%M%S.%f"


class Letterbox:
    """A Maildir, and the address whose mails go there."""

    def __init__(self, folder: Path, address: str) -> None:
        """Take the folder, made if it is not there, and the address; a plus and a number in it are the same."""
        for name in ("tmp", "new", "cur"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._ours = Ours(address, address.rpartition("@")[2])
        self._numbers = count(1)

    def deliver(self, sender: str, recipients: Sequence[str], content: bytes) -> bool:
        """Deliver a mail once if it is for the company, under the envelope that a mail server writes; say whether."""
        ours = [address for address in recipients if self._ours.is_us(address)]
        if not ours:
            return False
        envelope = "".join([f"Return-Path: <{sender}>\r\n", *(f"Delivered-To: {address}\r\n" for address in ours)])
        name = f"{datetime.now(UTC):{_STAMP}}-{next(self._numbers):04}"
        draft = self._folder / "tmp" / name
        draft.write_bytes(envelope.encode("utf-8", "surrogateescape") + content)
        draft.rename(self._folder / "new" / name)
        return True
