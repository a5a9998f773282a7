"""A cable to a real server that can be pulled out: how the web form sees an engine that went down."""

import asyncio
from typing import Self


class Cable:
    """Forwards connections until it is pulled out."""

    def __init__(self) -> None:
        """Begin unconnected; `to` connects."""
        self.address = ""
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []
        self._pumps: list[asyncio.Task[None]] = []

    @classmethod
    async def to(cls, target: str) -> Self:
        """Connect a free local port to a server."""
        cable = cls()
        host, _, port = target.rpartition(":")

        async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            far_reader, far_writer = await asyncio.open_connection(host, int(port))
            cable._writers += [writer, far_writer]
            cable._pumps += [
                asyncio.create_task(_pump(reader, far_writer)),
                asyncio.create_task(_pump(far_reader, writer)),
            ]

        cable._server = await asyncio.start_server(forward, "127.0.0.1", 0)
        cable.address = f"127.0.0.1:{cable._server.sockets[0].getsockname()[1]}"
        return cable

    async def pull_out(self) -> None:
        """Cut every connection and take no new ones."""
        if self._server is not None:
            self._server.close()
        for pump in self._pumps:
            pump.cancel()
        for writer in self._writers:
            writer.close()
        await asyncio.gather(*self._pumps, return_exceptions=True)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(65536):
        writer.write(chunk)
        await writer.drain()
