"""Draws the record of a handover on A4, in a font that knows the letters of Europe's names."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import cast

from fpdf import FPDF
from fpdf.enums import TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace

from web.gates.checklist import Line
from web.gates.record import Earlier, Record, Signature
from web.shell.translations import N_, Words

_FONT = "Fira Sans"
_FILES = {"": "FiraSans-Regular.ttf", "B": "FiraSans-SemiBold.ttf"}
"""The files of the font by style; of a variable font every paper would take seconds to cut its weights."""
_MARGIN = 20
_LINES_OF_A_ROW = 30
_INK, _SOFT, _LINE, _RED = (27, 35, 39), (86, 98, 106), (190, 194, 196), (179, 38, 30)


def drawn(record: Record, words: Words) -> bytes:
    """Return the record as a PDF."""
    sheet = _Sheet(record, words)
    sheet.head()
    sheet.facts()
    sheet.answers()
    if record.remark:
        sheet.section(words(N_("Remark on the whole")))
        sheet.prose(record.remark)
    sheet.signatures()
    if record.earlier:
        sheet.section(words(N_("Earlier handovers")))
        for one in record.earlier:
            sheet.earlier(one)
    return bytes(sheet.output())


class _Sheet(FPDF):
    """The paper: one record, in one language."""

    def __init__(self, record: Record, words: Words) -> None:
        super().__init__(format="A4")
        self._record = record
        self._words = words
        fonts = Path(str(files("fontpkg_fira_sans") / "files"))
        for style, file in _FILES.items():
            self.add_font(_FONT, style, fonts / file)
        self.set_title(f"{words(N_('Handover record'))} #{record.number}: {record.title}")
        self.set_lang(words.language)
        self.set_margins(_MARGIN, _MARGIN, _MARGIN)
        self.set_auto_page_break(auto=True, margin=_MARGIN + 5)
        self.add_page()

    def footer(self) -> None:
        """Number the pages; the framework asks for it at the end of each."""
        self.set_y(-_MARGIN)
        self._ink(9, colour=_SOFT)
        made = self._words(N_("made %(at)s"), at=self._record.made_at)
        self.cell(0, 5, f"Statuskette #{self._record.number} · {made}")
        self.set_x(_MARGIN)
        self.cell(0, 5, f"{self.page_no()}/{{nb}}", align="R")

    def head(self) -> None:
        """Write what this is."""
        self._ink(10, colour=_SOFT)
        self._row(self._words(N_("Handover record")), 5)
        self._ink(20, bold=True)
        self._row(self._record.title, 9)
        self._ink(11, colour=_SOFT)
        self._row(f"{self._record.giver} → {self._record.receiver}", 6)
        self.ln(4)

    def facts(self) -> None:
        """Write which ticket and which customer it is about, and what was special."""
        record, words = self._record, self._words
        customer = ", ".join(filter(None, (record.customer.name, record.customer.phone, record.customer.email)))
        facts = [
            (words(N_("Ticket")), f"#{record.number} {record.subject}"),
            (words(N_("Process")), record.process),
            (words(N_("Customer")), customer),
            (words(N_("Site")), record.site),
        ]
        for label, value in facts:
            self._ink(10.5, colour=_SOFT)
            self.cell(30, 6, label)
            self._ink(10.5)
            self.multi_cell(0, 6, value, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        if record.special:
            self.ln(2)
            self._ink(10.5, bold=True, colour=_RED)
            self._row(record.special, 6)

    def answers(self) -> None:
        """Write every question with its answer."""
        self.ln(4)
        self._ink(10.5)
        self.set_draw_color(*_LINE)
        heading = FontFace(emphasis="BOLD", color=_INK)
        layout = TableBordersLayout.HORIZONTAL_LINES
        with self.table(
            col_widths=(2, 3),
            headings_style=heading,
            borders_layout=layout,
            line_height=6,
            padding=1.2,
            text_align="LEFT",
        ) as table:
            table.row((self._words(N_("Question")), self._words(N_("Answer given"))))
            for line in self._record.lines:
                for title, answer in self._rows(line):
                    table.row((title, answer))

    def signatures(self) -> None:
        """Write who stood for it, and when."""
        self.section("")
        self.set_draw_color(*_INK)
        for signature in self._record.signatures:
            self._signature(signature)

    def section(self, title: str) -> None:
        """Begin a part of the paper."""
        self.ln(6)
        if title:
            self._ink(12, bold=True)
            self._row(title, 8)

    def prose(self, text: str) -> None:
        """Write a text of many lines."""
        self._ink(10.5)
        self._row(text, 5.5)

    def earlier(self, one: Earlier) -> None:
        """Write a submission before the one that counts."""
        for signature in filter(None, (one.handed_over, one.decided)):
            self.prose(f"{signature.label}: {signature.name}, {signature.at}")
        for title, remark in one.remarks:
            self._ink(10.5, colour=_SOFT)
            self._row(f"{title}: {remark}" if title else remark, 5.5)
        self.ln(2)

    def _rows(self, line: Line) -> Iterator[tuple[str, str]]:
        """Yield a line in pieces that fit onto a page, as a table's row has to."""
        width = self.epw * 3 / 5 - 4
        words = cast(
            "list[str]", self.multi_cell(width, text=self._answer(line), align="L", dry_run=True, output="LINES")
        )
        for first in range(0, len(words), _LINES_OF_A_ROW):
            yield "" if first else line.title, "\n".join(words[first : first + _LINES_OF_A_ROW])

    def _answer(self, line: Line) -> str:
        words, added = self._words, self._record.added.get(line.key, "")
        given = [line.shown] if line.shown else []
        if line.answer.reason:
            reason = line.answer.reason
            given.append(reason if line.shown else words(N_("missing, because: %(reason)s"), reason=reason))
        given = given or [words(N_("no answer"))]
        return "\n".join([*given, *([words(N_("added later: %(answer)s"), answer=added)] if added else [])])

    def _signature(self, signature: Signature) -> None:
        if self.will_page_break(18):
            self.add_page()
        self._ink(10.5, colour=_SOFT)
        self.cell(60, 6, f"{signature.label}:")
        self._ink(10.5, bold=True)
        self.multi_cell(0, 6, f"{signature.name}, {signature.at}", align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _row(self, text: str, height: float) -> None:
        self.multi_cell(0, height, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _ink(self, size: float, *, bold: bool = False, colour: tuple[int, int, int] = _INK) -> None:
        self.set_font(_FONT, "B" if bold else "", size)
        self.set_text_color(*colour)
