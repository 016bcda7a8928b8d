"""What can be wrong with a file, a mapping or a row of sales, in words that name the place."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from webapp.core.errors import DomainError

# The sentence of each reason for which a row is put aside; the same words, untranslated, are stored with the row.
REASONS: dict[str, tuple[str, LazyString]] = {
    "empty": ("is empty", _l("is empty")),
    "too_long": (
        "has %(length)s characters, at most %(most)s fit",
        _l("has %(length)s characters, at most %(most)s fit"),
    ),
    "not_a_date": ("%(text)s is not a date like %(form)s", _l("%(text)s is not a date like %(form)s")),
    "year": (
        "%(text)s: the year must lie between 1900 and 2100",
        _l("%(text)s: the year must lie between 1900 and 2100"),
    ),
    "not_a_number": ("%(text)s is not a number", _l("%(text)s is not a number")),
    "two_signs": ("%(text)s has two decimal signs", _l("%(text)s has two decimal signs")),
    "wrong_sign": (
        "%(text)s is not a number with the decimal sign %(sign)s",
        _l("%(text)s is not a number with the decimal sign %(sign)s"),
    ),
    "decimals": (
        "%(text)s has more than %(most)s decimals (“Round surplus decimals”, or round = true, allows them)",
        _l("%(text)s has more than %(most)s decimals (“Round surplus decimals”, or round = true, allows them)"),
    ),
    "too_large": ("%(text)s is too large", _l("%(text)s is too large")),
    "discount": ("%(text)s is not between 0 and 100 percent", _l("%(text)s is not between 0 and 100 percent")),
    "columns": (
        "the row has %(found)s columns, the header has %(expected)s",
        _l("the row has %(found)s columns, the header has %(expected)s"),
    ),
    "undecodable": (
        "the byte %(byte)s does not belong to the encoding %(encoding)s",
        _l("the byte %(byte)s does not belong to the encoding %(encoding)s"),
    ),
    "nul": ("contains a NUL byte", _l("contains a NUL byte")),
    "unclosed_quote": ("a quote is opened here and not closed", _l("a quote is opened here and not closed")),
    "stray_quote": ("a quote inside a quoted field is not doubled", _l("a quote inside a quoted field is not doubled")),
    "huge_field": (
        "a field has more than %(most)s characters, or its quote is not closed",
        _l("a field has more than %(most)s characters, or its quote is not closed"),
    ),
    "amount": ("quantity times price is too large", _l("quantity times price is too large")),
    "other_customer": (
        "order %(order)s belongs to customer %(expected)s, this row says %(found)s",
        _l("order %(order)s belongs to customer %(expected)s, this row says %(found)s"),
    ),
    "other_country": (
        "order %(order)s goes to %(expected)s, this row says %(found)s",
        _l("order %(order)s goes to %(expected)s, this row says %(found)s"),
    ),
    "not_one_row": ("the text is not exactly one row", _l("the text is not exactly one row")),
}
LONGEST_QUOTATION = 60
# A NUL, or the lone surrogate that stands for a byte which could not be decoded.
UNREADABLE = re.compile("[\0\udc00-\udcff]")


class ImportRefused(DomainError):
    """The file or its mapping cannot be used at all; nothing of it was loaded. The sentence names file, line, column."""

    status = 422


class RowProblem(Exception):
    """A row cannot be taken: in which column (as the file calls it) and why. `code` is a key of REASONS."""

    def __init__(self, code: str, column: str = "", **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.column = column
        self.values = {name: quoted(value) for name, value in values.items()}

    @property
    def reason(self) -> str:
        """The reason in English, as it is stored."""
        return REASONS[self.code][0] % self.values

    @property
    def sentence(self) -> str:
        """The reason in the language of the reader."""
        return translated_reason(self.code, self.values, self.reason)


def translated_reason(code: str, values: dict[str, Any], stored: str) -> str:
    """The reason in the language of the reader; what was `stored` when the code is not known any more."""
    try:
        return str(REASONS[code][1]) % values
    except KeyError:
        return stored


def quoted(value: object) -> str:
    """A value as a sentence shows it: printable and short."""
    text = "".join(c if c.isprintable() else "·" for c in str(value)[: LONGEST_QUOTATION + 1])
    return text if len(text) <= LONGEST_QUOTATION else f"{text[:LONGEST_QUOTATION]}…"
