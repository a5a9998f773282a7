"""Serves the files of a ticket: always as a download, never as a page of ours."""

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response

from web.commands import queries
from web.shell.downloads import disposition
from web.shell.request import Visitor

router = APIRouter()


@router.get("/tickets/{number:row}/files/{identity:row}")
def download(visit: Visitor, number: int, identity: int) -> Response:
    """Hand out a file of a ticket; 404 for another ticket's."""
    with visit.services.database.reading() as session:
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
