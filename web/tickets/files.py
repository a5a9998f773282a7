"""Serves the files of a ticket: always as a download, never as a page of ours."""

from urllib.parse import quote

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response

from web.shell import queries
from web.shell.request import Visitor

router = APIRouter()


@router.get("/tickets/{number:int}/files/{identity:int}")
def download(visit: Visitor, number: int, identity: int) -> Response:
    """Hand out a file of a ticket; 404 for another ticket's."""
    with visit.front.database.reading() as session:
        file = queries.file(session, number, identity)
        if file is None:
            raise HTTPException(404)
        return Response(
            file.content,
            media_type=file.media_type,
            headers={
                "Content-Disposition": disposition(file.name),
                "Content-Security-Policy": "default-src 'none'; sandbox",
            },
        )


def disposition(name: str) -> str:
    """Return the header that names a download, in ASCII and as it is (RFC 5987)."""
    plain = "".join(char if char.isascii() and char.isprintable() and char not in '"\\%;' else "_" for char in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
