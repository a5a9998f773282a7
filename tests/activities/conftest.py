"""The mail room: a real database, a real mail server, and the post between them."""

from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller

from models.database import Database
from tests.activities.incoming.mailroom import Mailroom, Server
from tests.ports import free_port


@pytest.fixture
def mailroom(database: Database) -> Iterator[Mailroom]:
    """Open the mail room; after every test the stranger must have got nothing."""
    server = Server()
    controller = Controller(server, hostname="127.0.0.1", port=free_port())
    controller.start()
    room = Mailroom(database, controller.port, server)
    yield room
    controller.stop()
    room.expects_nothing_for_the_stranger()
