"""The record of a handover as a page that prints well, and as a PDF."""

from fastapi import APIRouter
from fastapi.responses import Response

from web.gates.record import record_of
from web.gates.record_pdf import drawn
from web.shell.downloads import disposition
from web.shell.request import Visitor
from web.shell.translations import N_

router = APIRouter(prefix="/tickets/{number:row}/gates/{key}")


@router.get("/record")
def page(visit: Visitor, number: int, key: str) -> Response:
    """Show the record of a gate that was passed."""
    return visit.render("gates/record.html", record=record_of(visit, number, key), gate=key)


@router.get("/record.pdf")
def pdf(visit: Visitor, number: int, key: str) -> Response:
    """Hand out the record as a PDF."""
    record = record_of(visit, number, key)
    name = f"{visit.words(N_('Handover record'))} {number} {record.title}.pdf"
    headers = {"Content-Disposition": disposition(name)}
    return Response(drawn(record, visit.words), media_type="application/pdf", headers=headers)
