"""The mapping of a sales file: which column is what and how things are written, read from a small TOML file."""

from __future__ import annotations

import datetime as dt
import difflib
import re
import tomllib
from collections.abc import Mapping as Dictionary
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from webapp.blueprints.sales.services.import_problems import ImportRefused

PRESETS = Path(__file__).resolve().parents[1] / "mappings"
MEANINGS = (
    "order_number", "date", "sku", "description", "quantity", "unit_price", "discount",
    "customer_number", "customer_name", "country", "category",
)  # fmt: skip
NEEDED = ("date", "sku", "quantity", "unit_price")
PERIODS = ("year", "month", "day")
LARGEST_MAPPING = 100_000
SOME_MOMENT = dt.datetime(2024, 10, 31, 23, 45, 56, tzinfo=dt.UTC)
ALIASES = {"tab": "\t", "\\t": "\t", "space": " "}


@dataclass(frozen=True)
class Mapping:
    """How to read a sales file.

    `columns` gives, for each meaning, the header of its column or its place (1 is the first). `constants` gives values
    that no column has. `date_format` lists strptime forms; "iso" is ISO 8601. Without an order number, `order_keys`
    (columns) and `order_per` (year, month or day of the date) make one, and a customer's lines are kept apart from another's;
    with one (a column or a constant) they are added to it, for numbers that start again each year or in each shop.
    `time_zone` empty means the company's. Numbers from customers' columns written as 17850.0 lose their ".0" with
    `customer_number_whole`. `round` rounds surplus decimals half up instead of putting the row aside.
    """

    columns: dict[str, str | int]
    constants: dict[str, str] = field(default_factory=dict)
    title: str = ""
    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    skip_lines: int = 0
    header: bool = True
    sheet: str = ""
    date_format: tuple[str, ...] = ("iso",)
    time_zone: str = ""
    decimal: str = "."
    thousands: str = ""
    round: bool = False
    order_keys: tuple[str | int, ...] = ()
    order_per: str = ""
    cancellation_prefix: str = ""
    customer_number_whole: bool = False

    def as_json(self) -> dict[str, Any]:
        """The mapping as it is stored with an import; `mapping_from` reads it back."""
        return asdict(self)


def preset_names() -> list[str]:
    """The mappings that are shipped."""
    return sorted(path.stem for path in PRESETS.glob("*.toml"))


def load_mapping(name_or_file: str | Path) -> Mapping:
    """The preset of that name, or the mapping in that TOML file. Raises ImportRefused naming what is wrong."""
    name = str(name_or_file)
    if name in preset_names():
        path = PRESETS / f"{name}.toml"
    elif Path(name).is_file():
        path = Path(name)
    else:
        raise ImportRefused(
            f"There is no mapping {name!r}{nearest(name, preset_names())}: it is neither a file nor one of "
            f"{', '.join(preset_names())}. `bottega sales guess FILE` proposes one."
        )
    if path.stat().st_size > LARGEST_MAPPING:
        raise ImportRefused(f"{path}: this is no mapping, it has more than {LARGEST_MAPPING} bytes.")
    try:
        content = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise ImportRefused(f"{path}: not TOML: {error}.") from None
    except UnicodeDecodeError as error:
        raise ImportRefused(f"{path}: not TOML: byte {error.start + 1} is not UTF-8.") from None
    return mapping_from(content, str(path))


def mapping_from(content: Dictionary[str, Any], place: str = "mapping") -> Mapping:
    """The mapping that a TOML document (or a stored one) describes. Raises ImportRefused naming `place` and the key."""
    known = {item.name for item in fields(Mapping)}
    for key in content:
        if key not in known:
            raise ImportRefused(
                f"{place}: unknown key {key!r}{nearest(key, known)}; there are {', '.join(sorted(known))}."
            )
    values = dict(content)
    values["columns"] = _columns(values.get("columns"), place)
    values["constants"] = _constants(values.get("constants", {}), place)
    for key in ("date_format", "order_keys"):
        if key in values:
            values[key] = tuple([values[key]] if isinstance(values[key], str | int) else values[key])
    _check_types(values, place)
    mapping = Mapping(
        **{**values, "delimiter": ALIASES.get(values.get("delimiter", ","), values.get("delimiter", ","))}
    )
    _check_sense(mapping, place)
    return mapping


def date_example(form: str) -> str:
    """One moment as a form of dates writes it."""
    return "2024-10-31" if form == "iso" else SOME_MOMENT.strftime(form)


def nearest(word: str, choices: Any) -> str:
    """The words " (did you mean …?)" when one of the `choices` is close to `word`, else nothing."""
    by_lower = {str(choice).strip().lower(): str(choice) for choice in choices}
    close = difflib.get_close_matches(str(word).strip().lower(), by_lower, 1, 0.6)
    return f" (did you mean {by_lower[close[0]]!r}?)" if close else ""


def _columns(value: object, place: str) -> dict[str, str | int]:
    if not isinstance(value, dict) or not value:
        raise ImportRefused(f"{place}: the table [columns] is missing; it says which column is what.")
    for meaning, column in value.items():
        if meaning not in MEANINGS:
            raise ImportRefused(
                f"{place}: [columns] {meaning!r} is no meaning{nearest(meaning, MEANINGS)}; there are {', '.join(MEANINGS)}."
            )
        if isinstance(column, bool) or not isinstance(column, str | int) or column in ("", 0):
            raise ImportRefused(f"{place}: [columns] {meaning} must be a header or a place from 1, not {column!r}.")
    return dict(value)


def _constants(value: object, place: str) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ImportRefused(f"{place}: [constants] must be a table.")
    for meaning, constant in value.items():
        if meaning not in MEANINGS:
            raise ImportRefused(f"{place}: [constants] {meaning!r} is no meaning{nearest(meaning, MEANINGS)}.")
        if isinstance(constant, bool) or not isinstance(constant, str | int | float):
            raise ImportRefused(f"{place}: [constants] {meaning} must be text or a number, not {constant!r}.")
    return {meaning: str(constant) for meaning, constant in value.items()}


def _check_types(values: dict[str, Any], place: str) -> None:
    expected = {"skip_lines": int, "header": bool, "round": bool, "customer_number_whole": bool, "columns": dict}
    for key, value in values.items():
        kind = expected.get(key, dict if key == "constants" else tuple if key in ("date_format", "order_keys") else str)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise ImportRefused(f"{place}: {key} must be a {_plain(kind)}, not {value!r}.")


def _plain(kind: type) -> str:
    return {int: "whole number", bool: "true or false", str: "text", tuple: "text or a list of texts"}.get(
        kind, "table"
    )


def _check_sense(mapping: Mapping, place: str) -> None:
    given = {*mapping.columns, *mapping.constants}
    problems = [f"{m} is neither in [columns] nor in [constants]" for m in NEEDED if m not in given]
    problems += [f"{m} is both in [columns] and in [constants]" for m in mapping.columns if m in mapping.constants]
    if "order_number" not in given and not mapping.order_keys and not mapping.order_per:
        problems.append('order_number is missing: name its column, or say order_per = "day" or order_keys = ["…"]')
    if mapping.order_per and mapping.order_per not in PERIODS:
        problems.append(f"order_per is {mapping.order_per!r}; it must be one of {', '.join(PERIODS)}")
    problems += writing_problems(mapping)
    if not mapping.header and any(isinstance(c, str) for c in (*mapping.columns.values(), *mapping.order_keys)):
        problems.append("header is false, so [columns] must give places (1 is the first column)")
    if problems:
        raise ImportRefused(f"{place}: " + "; ".join(problems) + ".")


def writing_problems(mapping: Mapping) -> list[str]:
    """What cannot be in how the file is said to be written; with none of these, its rows can be read."""
    problems = _sign_problems(mapping)
    if not 0 <= mapping.skip_lines <= 10_000:
        problems.append("skip_lines must be between 0 and 10000")
    if not mapping.date_format or not all(str(form) == "iso" or "%" in str(form) for form in mapping.date_format):
        problems.append('date_format must be "iso" or a form such as "%d/%m/%Y %H:%M", or a list of them')
    else:
        problems += [
            f"date_format {form!r} does not say the day, the month and the year; a form that does is %d/%m/%Y"
            for form in mapping.date_format
            if form != "iso" and not _says_the_day(form)
        ]
    return problems + _encoding_problem(mapping.encoding) + _zone_problem(mapping.time_zone)


def _sign_problems(mapping: Mapping) -> list[str]:
    problems = []
    if len(mapping.delimiter) != 1 or mapping.delimiter in "\r\n\0":
        problems.append(f'delimiter is {mapping.delimiter!r}; it must be one character, or "tab"')
    if len(mapping.quote) > 1 or mapping.quote in ("\r", "\n", "\0") or mapping.quote == mapping.delimiter:
        problems.append(f"quote is {mapping.quote!r}; it must be one character (empty for none), not the delimiter")
    if mapping.decimal not in (".", ",") or mapping.thousands == mapping.decimal or len(mapping.thousands) > 1:
        problems.append('decimal must be "." or ",", and thousands another single character or empty')
    if mapping.thousands.isalnum() or mapping.thousands in ("-", "+"):
        problems.append(f"thousands is {mapping.thousands!r}; it cannot be a letter, a digit or a sign")
    return problems


def _says_the_day(form: str) -> bool:
    try:
        # the zone does not matter here
        return dt.datetime.strptime(SOME_MOMENT.strftime(form), form).date() == SOME_MOMENT.date()  # noqa: DTZ007
    except (ValueError, re.error):
        return False


def _encoding_problem(encoding: str) -> list[str]:
    try:
        b"ab\0\0".decode(encoding, "replace")
        return []
    except (LookupError, UnicodeError, ValueError):
        pass
    return [f"encoding {encoding!r} is not known; for example utf-8, cp1252, utf-16"]


def _zone_problem(name: str) -> list[str]:
    try:
        if name:
            ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return [f"time_zone {name!r} is not known; for example Europe/Rome"]
    return []
