"""Documents as PDF: headings, sentences, figures, bars and tables on A4 pages, in a font that every reader has.

The font knows the letters of western Europe (Windows-1252); what it lacks is written with percent signs, as in addresses.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

import pydyf  # type: ignore[import-untyped]  # it ships no types

WIDTH, HEIGHT, MARGIN, FOOT = 595.0, 842.0, 48.0, 64.0  # points; A4
INNER = WIDTH - 2 * MARGIN
ROW = 3  # key figures side by side
TALLEST = 90.0  # points of the tallest bar
INK, SOFT, LINE = (0.12, 0.16, 0.22), (0.36, 0.39, 0.44), (0.86, 0.87, 0.89)
# thousandths of the size, of the letters from " " to "~": Adobe's metrics of Helvetica and Helvetica-Bold
PLAIN_WIDTHS = (
    "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278 278 584 "
    "584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 667 944 667 667 "
    "611 278 278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 278 556 500 "
    "722 500 500 500 334 260 334 584"
)
BOLD_WIDTHS = (
    "278 333 474 556 556 889 722 238 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 333 333 584 "
    "584 584 611 975 722 722 722 722 667 611 778 722 278 556 722 611 833 722 778 667 778 722 667 611 722 667 944 667 667 "
    "611 333 278 333 584 556 333 556 611 556 611 556 333 611 611 278 278 556 278 889 611 611 611 611 389 556 333 611 556 "
    "778 556 556 500 389 280 389 584"
)
OTHERS = {"\xa0": 278, "–": 556, "—": 1000, "…": 1000, "·": 278, "•": 350, "‘": 222, "’": 222, "€": 556}  # noqa: RUF001 - letters of the font
Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Font:
    """A font by its name on the page and the widths of its letters."""

    name: str
    widths: dict[str, int]

    def width(self, text: str, size: float) -> float:
        """How long a text is, in points."""
        return sum(self._letter(letter) for letter in text) * size / 1000

    def _letter(self, letter: str) -> int:
        if letter in self.widths:
            return self.widths[letter]
        plain = unicodedata.normalize("NFD", letter)[0]
        return self.widths.get(plain, OTHERS.get(letter, 556))

    def fit(self, text: str, size: float, room: float) -> str:
        """The text, cut with an ellipsis where it is longer than the room."""
        if self.width(text, size) <= room:
            return text
        while text and self.width(text + "…", size) > room:
            text = text[:-1]
        return text + "…"

    def lines(self, text: str, size: float, room: float) -> list[str]:
        """The text in lines no longer than the room, but for single words."""
        found, line = [], ""
        for word in text.split():
            longer = f"{line} {word}".strip()
            if line and self.width(longer, size) > room:
                found.append(line)
                longer = word
            line = longer
        return [*found, line] if line else found


def _widths(told: str) -> dict[str, int]:
    return {chr(32 + place): int(width) for place, width in enumerate(told.split())}


PLAIN, BOLD = Font("F1", _widths(PLAIN_WIDTHS)), Font("F2", _widths(BOLD_WIDTHS))


def written(text: str) -> str:
    """The text in letters that the font has."""
    shown = text.replace("\u2212", "-").replace("\u202f", "\xa0")
    return "".join(
        letter if (letter.encode("cp1252", "ignore") and letter.isprintable()) or letter == "\xa0" else quote(letter)
        for letter in shown.encode("utf-8", "replace").decode()
    )


@dataclass(frozen=True)
class Pen:
    """How letters are written."""

    font: Font
    size: float
    ink: Colour = INK


class Document:
    """A document that is filled from the top; what finds no room goes on the next page."""

    def __init__(self, title: str, *, language: str, foot: str, colour: str) -> None:
        self.title, self.language, self.foot = title, language, foot
        self.colour = _colour(colour)
        self.pages: list[list[bytes]] = []
        self.y = 0.0
        self._turn()

    def heading(self, text: str) -> None:
        """The title of a section; it never stands at the foot of a page."""
        self._room(90)
        self.y -= 26
        self._text(MARGIN, text, Pen(BOLD, 13))
        self.y -= 8

    def title_line(self, text: str, below: str) -> None:
        """The title of the document, and a line below it."""
        self._fill(MARGIN, self.y - 2, INNER, 3, self.colour)
        self.y -= 32
        self._text(MARGIN, text, Pen(BOLD, 20))
        self.y -= 18
        self._text(MARGIN, below, Pen(PLAIN, 10, SOFT))
        self.y -= 6

    def paragraph(self, text: str, *, soft: bool = False) -> None:
        """Sentences."""
        for line in PLAIN.lines(written(text), 10, INNER):
            self._room(14)
            self.y -= 14
            self._text(MARGIN, line, Pen(PLAIN, 10, SOFT if soft else INK))

    def figures(self, told: Sequence[tuple[str, str, str]]) -> None:
        """Key figures with their names, and what they are compared with."""
        wide = INNER / ROW
        for first in range(0, len(told), ROW):
            self._room(60)
            for place, (name, value, below) in enumerate(told[first : first + ROW]):
                left = MARGIN + place * wide
                for down, text, font, size, ink in (
                    (16, name, PLAIN, 9, SOFT), (36, value, BOLD, 17, INK), (50, below, PLAIN, 9, SOFT),
                ):  # fmt: skip
                    self._text(left, font.fit(written(text), size, wide - 10), Pen(font, size, ink), self.y - down)
            self.y -= 58

    def bars(self, told: Sequence[tuple[str, float, str]]) -> None:
        """Upright bars, each with its name below and its figure above."""
        self._room(TALLEST + 40)
        most, wide = max((value for _name, value, _text in told), default=0) or 1, INNER / max(len(told), 1)
        base = self.y - TALLEST - 16
        for place, (name, value, text) in enumerate(told):
            left, tall = MARGIN + place * wide, TALLEST * value / most
            self._fill(left + wide * 0.15, base, wide * 0.7, tall, self.colour)
            for at, words, ink in ((base + tall + 3, text, INK), (base - 12, name, SOFT)):
                shown = PLAIN.fit(written(words), 8, wide)
                self._text(left + (wide - PLAIN.width(shown, 8)) / 2, shown, Pen(PLAIN, 8, ink), at)
        self.y = base - 20

    def table(
        self, columns: Sequence[str], rows: Sequence[Sequence[str]], *, widths: Sequence[float], texts: int = 1
    ) -> None:
        """A table; `widths` are shares of the line, the first `texts` columns stand left and the others right."""
        self._room(50)
        self._row(columns, widths, texts, Pen(BOLD, 9, SOFT))
        for row in rows:
            if self.y - 15 < FOOT:
                self._turn()
                self._row(columns, widths, texts, Pen(BOLD, 9, SOFT))
            self._row(row, widths, texts, Pen(PLAIN, 9))

    def content(self) -> bytes:
        """The document as a file."""
        pdf = pydyf.PDF()
        pdf.info["Title"] = pydyf.String(self.title)
        pdf.catalog["Lang"] = pydyf.String(self.language)
        pdf.catalog["ViewerPreferences"] = pydyf.Dictionary({"DisplayDocTitle": "true"})
        fonts = pydyf.Dictionary()
        for font, name in ((PLAIN, "Helvetica"), (BOLD, "Helvetica-Bold")):
            told = {"Type": "/Font", "Subtype": "/Type1", "BaseFont": f"/{name}", "Encoding": "/WinAnsiEncoding"}
            made = pydyf.Dictionary(told)
            pdf.add_object(made)
            fonts[font.name] = made.reference
        for number, page in enumerate(self.pages, 1):
            at = f"{number} / {len(self.pages)}"
            pen = Pen(PLAIN, 8, SOFT)
            foot = [
                _words(MARGIN, 34, PLAIN.fit(written(self.foot), 8, INNER - 60), pen),
                _words(WIDTH - MARGIN - PLAIN.width(at, 8), 34, at, pen),
            ]
            stream = pydyf.Stream([*page, *foot], compress=True)
            pdf.add_object(stream)
            whole = {
                "Type": "/Page", "Parent": pdf.pages.reference, "MediaBox": pydyf.Array([0, 0, WIDTH, HEIGHT]),
                "Contents": stream.reference, "Resources": pydyf.Dictionary({"Font": fonts}),
            }  # fmt: skip
            pdf.add_page(pydyf.Dictionary(whole))
        file = io.BytesIO()
        pdf.write(file)
        return file.getvalue()

    def _row(self, cells: Sequence[str], widths: Sequence[float], texts: int, pen: Pen) -> None:
        self.y -= 15
        left = MARGIN
        for place, (cell, share) in enumerate(zip(cells, widths, strict=True)):
            wide = INNER * share
            shown = pen.font.fit(written(cell), pen.size, wide - 6)
            at = left if place < texts else left + wide - pen.font.width(shown, pen.size)
            self._text(at, shown, pen)
            left += wide
        self._fill(MARGIN, self.y - 4, INNER, 0.5, LINE)

    def _room(self, wanted: float) -> None:
        if self.y - wanted < FOOT:
            self._turn()

    def _turn(self) -> None:
        self.pages.append([])
        self.y = HEIGHT - MARGIN

    def _text(self, left: float, text: str, pen: Pen, at: float | None = None) -> None:
        self.pages[-1].append(_words(left, self.y if at is None else at, written(text), pen))

    def _fill(self, left: float, bottom: float, wide: float, tall: float, ink: Colour) -> None:
        self.pages[-1].append(f"{_ink(ink)} {left:.2f} {bottom:.2f} {wide:.2f} {tall:.2f} re f".encode())


def _words(left: float, bottom: float, text: str, pen: Pen) -> bytes:
    letters = text.encode("cp1252", "replace").hex()
    place = f"/{pen.font.name} {pen.size:g} Tf {left:.2f} {bottom:.2f} Td"
    return f"BT {_ink(pen.ink)} {place} <{letters}> Tj ET".encode()


def _ink(colour: Colour) -> str:
    return " ".join(f"{part:.3f}" for part in colour) + " rg"


def _colour(told: str) -> Colour:
    red, green, blue = (int(told[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue
