"""What stands in a cell: texts, numbers and dates, turned into the text that COPY takes, or a reason why not."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from webapp.blueprints.sales.services.import_mapping import Mapping, date_example
from webapp.blueprints.sales.services.import_problems import RowProblem

LENGTHS = {
    "order_number": 60, "sku": 60, "description": 500, "customer_number": 40, "customer_name": 200,
    "country": 60, "category": 120,
}  # fmt: skip
REQUIRED_TEXTS = ("order_number", "sku")
DECIMALS = {"quantity": 3, "unit_price": 4, "discount": 2}
LARGEST = {"quantity": Decimal(10) ** 11, "unit_price": Decimal(10) ** 10, "discount": Decimal(1000)}
FLOAT_NOISE = Decimal("1e-9")
YEARS = (1900, 2100)
FIRST_MOMENT = dt.datetime(1900, 1, 1)  # noqa: DTZ001 - as written in files, which know no zone
REMEMBERED = 16_384
LONGEST_REMEMBERED = 200
SPACES = re.compile(r"[\s\u00a0\u202f']+")
CURRENCY = re.compile(r"^(?:€|£|\$|EUR|GBP|USD|CHF)|(?:€|£|\$|EUR|GBP|USD|CHF)$")

Parser = Callable[[str], str]


class Cells(dict[str, str]):
    """Remembers what the texts of one column became; a bounded number of them, so that memory does not grow."""

    def __init__(self, column: str, parse: Parser) -> None:
        super().__init__()
        self.column = column
        self.parse = parse

    def __missing__(self, text: str) -> str:
        try:
            parsed = self.parse(text)
        except RowProblem as problem:
            problem.column = self.column
            raise
        if len(text) <= LONGEST_REMEMBERED:
            if len(self) >= REMEMBERED:
                self.clear()
            self[text] = parsed
        return parsed


def parser_of(meaning: str, mapping: Mapping, zone: ZoneInfo) -> Parser:
    """The function that turns a cell of that meaning into COPY text. It raises RowProblem without a column."""
    if meaning == "date":
        return lambda text: "\t".join(read_moment(text, mapping.date_format, zone))
    if meaning in DECIMALS:
        return lambda text: read_number(text, meaning, mapping)
    if meaning == "customer_number" and mapping.customer_number_whole:
        return lambda text: escape(read_text(_whole(text), meaning))
    return lambda text: escape(read_text(text, meaning))


def escape(text: str) -> str:
    """`text` as COPY's text format wants it."""
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def read_text(text: str, meaning: str) -> str:
    """The text without blanks around it. Raises RowProblem when it is needed and empty, or too long."""
    text = text.strip()
    if len(text) > LENGTHS[meaning]:
        raise RowProblem("too_long", length=len(text), most=LENGTHS[meaning])
    if not text and meaning in REQUIRED_TEXTS:
        raise RowProblem("empty")
    return text


def read_number(text: str, meaning: str, mapping: Mapping) -> str:
    """A plain decimal with the scale of its column. Raises RowProblem.

    Understood: the mapping's decimal and thousands sign, blanks as thousands, a currency, a sign before or after, and
    the accountant's parentheses. An empty discount is none; any other empty number is a problem.
    """
    plain = SPACES.sub("", text)
    if not plain:
        if meaning == "discount":
            return "0"
        raise RowProblem("empty")
    plain = plain.removesuffix("%") if meaning == "discount" else CURRENCY.sub("", plain)
    value = _decimal(_signed(plain), text, mapping)
    places = DECIMALS[meaning]
    rounded = (
        value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP) if abs(value) < LARGEST[meaning] else None
    )
    if rounded is None or abs(rounded) >= LARGEST[meaning]:
        raise RowProblem("too_large", text=text.strip())
    if not mapping.round and abs(rounded - value) > FLOAT_NOISE:
        raise RowProblem("decimals", text=text.strip(), most=places)
    if meaning == "discount" and not 0 <= rounded <= 100:
        raise RowProblem("discount", text=text.strip())
    return f"{rounded:f}"


def _signed(plain: str) -> str:
    if plain.startswith("(") and plain.endswith(")"):
        return f"-{plain[1:-1]}"
    if plain.endswith("-") and not plain.startswith("-"):
        return f"-{plain[:-1]}"
    return plain.replace("\u2212", "-")


def _decimal(plain: str, text: str, mapping: Mapping) -> Decimal:
    whole, sign, fraction = plain.partition(mapping.decimal)
    if mapping.decimal in fraction:
        raise RowProblem("two_signs", text=text.strip())
    if mapping.thousands and mapping.thousands in whole:
        groups = whole.lstrip("+-").split(mapping.thousands)
        if not 1 <= len(groups[0]) <= 3 or any(len(group) != 3 for group in groups[1:]):
            raise RowProblem("not_a_number", text=text.strip())
        whole = whole.replace(mapping.thousands, "")
    digits = f"{whole}{'.' if sign else ''}{fraction}"
    other = "," if mapping.decimal == "." else "."
    if other in digits.replace(".", "", 1) if other == "." else other in digits:
        raise RowProblem("two_signs" if sign else "wrong_sign", text=text.strip(), sign=mapping.decimal)
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?", digits, re.ASCII):
        raise RowProblem("not_a_number", text=text.strip())
    try:
        return Decimal(digits)
    except InvalidOperation:
        raise RowProblem("not_a_number", text=text.strip()) from None


def read_moment(text: str, forms: tuple[str, ...], zone: ZoneInfo) -> tuple[str, str, str]:
    """The moment in UTC and as it was written, both in ISO form, and its twelve digits of the line's hash.

    Raises RowProblem. The digits are the written seconds since 1900 in hexadecimal: hashes that begin with them come in
    the order of time, which keeps the index on them fast to fill.

    A time without an offset is local time of `zone`. One that occurs twice (the clock goes back) is the first of the
    two; one that does not occur (the clock goes forward) is the moment that the clock would have shown without the change.
    """
    text = text.strip()
    if not text:
        raise RowProblem("empty")
    written = _written(text, forms)
    if not YEARS[0] <= written.year <= YEARS[1]:
        raise RowProblem("year", text=text)
    moment = (written if written.tzinfo else written.replace(tzinfo=zone)).astimezone(dt.UTC)
    since = written.replace(tzinfo=None) - FIRST_MOMENT
    return moment.isoformat(), written.isoformat(), f"{since.days * 86_400 + since.seconds:012x}"


def _written(text: str, forms: tuple[str, ...]) -> dt.datetime:
    for form in forms:
        try:
            # the zone is the caller's to give
            return dt.datetime.fromisoformat(text) if form == "iso" else dt.datetime.strptime(text, form)  # noqa: DTZ007
        except ValueError:
            continue
    raise RowProblem("not_a_date", text=text, form=" / ".join(map(date_example, forms)))


def _whole(text: str) -> str:
    """17850.0 as 17850: what a spreadsheet or pandas made of a number that is a name."""
    whole, _, fraction = text.strip().replace(",", ".").partition(".")
    return whole if whole.isdigit() and fraction.strip("0") == "" else text
