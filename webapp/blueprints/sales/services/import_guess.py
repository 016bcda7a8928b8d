"""A proposal for the mapping of an unknown sales file, each choice with its reason; read from the first rows only."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from webapp.blueprints.sales.services.import_kind import kind_of, mark_of
from webapp.blueprints.sales.services.import_looks import (
    ENOUGH,
    are_codes,
    are_dates,
    are_descriptions,
    are_prices,
    are_quantities,
    date_form,
    is_number,
    share_of,
)
from webapp.blueprints.sales.services.import_mapping import MEANINGS, Mapping
from webapp.blueprints.sales.services.import_problems import ImportRefused
from webapp.blueprints.sales.services.import_words import WORDS
from webapp.blueprints.sales.services.import_xlsx import WorkbookRows

SAMPLE_BYTES = 1 << 20
SAMPLE_ROWS = 2_000
DELIMITERS = {",": _l("comma"), ";": _l("semicolon"), "\t": _l("tab"), "|": _l("bar")}
NUMERIC = ("quantity", "unit_price", "discount")


@dataclass
class Guess:
    """A proposed mapping: the TOML keys with the reason of each, what no column was found for, and the first rows."""

    values: dict[str, tuple[object, str]] = field(default_factory=dict)
    columns: dict[str, tuple[str | int, str]] = field(default_factory=dict)
    constants: dict[str, tuple[str, str]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def as_toml(self) -> str:
        """The mapping as a TOML file, reasons as comments. It loads unless something is `missing`."""
        lines = [f"{key} = {toml(value)}  # {_plain(why)}" for key, (value, why) in self.values.items()]
        lines += [f"# {sentence}" for sentence in self.missing]
        lines += ["", "[columns]"]
        lines += [f"{meaning} = {toml(column)}  # {_plain(why)}" for meaning, (column, why) in self.columns.items()]
        if self.constants:
            lines += ["", "[constants]"]
            lines += [f"{meaning} = {toml(value)}  # {_plain(why)}" for meaning, (value, why) in self.constants.items()]
        return "\n".join(lines) + "\n"

    def as_json(self) -> dict[str, object]:
        """The same as one object: the mapping, and the reasons beside it."""
        mapping: dict[str, object] = {key: value for key, (value, _) in self.values.items()}
        mapping["columns"] = {meaning: column for meaning, (column, _) in self.columns.items()}
        if self.constants:
            mapping["constants"] = {meaning: value for meaning, (value, _) in self.constants.items()}
        reasons = {key: why for key, (_, why) in (*self.values.items(), *self.columns.items(), *self.constants.items())}
        return {"mapping": mapping, "reasons": reasons, "missing": self.missing}


def guess_mapping(path: Path) -> Guess:
    """Propose a mapping for the file at `path`. Raises ImportRefused when it is no table at all."""
    guess = Guess()
    sample = _workbook_sample(path, guess) if kind_of(path) == "xlsx" else _csv_sample(path, guess)
    table = [row for row in sample if any(cell.strip() for cell in row)]
    if not table:
        raise ImportRefused(gettext("%(file)s: line 1: the file is empty.", file=path))
    header, rows, has_header = _header(table, guess)
    columns = [[row[at].strip() for row in rows if at < len(row) and row[at].strip()] for at in range(len(header))]
    _guess_columns(header, columns, guess, has_header=has_header)
    _guess_numbers(header, columns, guess)
    _guess_dates(header, columns, guess)
    _guess_details(header, columns, guess)
    return guess


def _workbook_sample(path: Path, guess: Guess) -> list[list[str]]:
    with closing(WorkbookRows(path, Mapping(columns={}, header=False))) as rows:
        guess.values["sheet"] = (rows.sheet, gettext("the first sheet of the workbook"))
        return [list(row) for row, _ in zip((row for row in rows if row is not None), range(SAMPLE_ROWS), strict=False)]


def _csv_sample(path: Path, guess: Guess) -> list[list[str]]:
    with path.open("rb") as file:
        start = file.read(SAMPLE_BYTES)
    text = _decode(start, guess)
    if len(start) == SAMPLE_BYTES:
        text = text[: text.rfind("\n") + 1] or text  # the last line is cut
    skipped, delimiter = _guess_delimiter(text, guess)
    lines = io.StringIO(text, newline="")
    for _ in range(skipped):
        lines.readline()
    try:
        reader = csv.reader(lines, delimiter=delimiter)
        return [row for row, _ in zip(reader, range(SAMPLE_ROWS), strict=False)]
    except csv.Error:
        raise ImportRefused(
            gettext(
                "%(file)s: line %(line)s: this is no table that can be read: save it as CSV or XLSX again.",
                file=path,
                line=skipped + 1,
            )
        ) from None


def _decode(start: bytes, guess: Guess) -> str:
    if mark := mark_of(start):
        guess.values["encoding"] = (mark.removesuffix("-sig"), gettext("the file begins with its byte order mark"))
        return start.decode(mark, "replace")
    zeros = start[:4096].count(b"\0")
    if zeros > len(start[:4096]) // 4:
        wide = "utf-16-le" if start[1::2][:2048].count(b"\0") > start[::2][:2048].count(b"\0") else "utf-16-be"
        guess.values["encoding"] = (wide, gettext("every other byte is zero"))
        return start.decode(wide, "replace")
    try:
        text = start.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start > len(start) - 4 and len(start) == SAMPLE_BYTES:  # a character cut at the end of the sample
            text = start[: error.start].decode("utf-8")
        else:
            byte = f"0x{start[error.start]:02X}"
            guess.values["encoding"] = (
                "cp1252",
                gettext(
                    "byte %(place)s is %(byte)s, which is no UTF-8: Windows' Western", place=error.start + 1, byte=byte
                ),
            )
            return start.decode("cp1252", "replace")
    why = (
        gettext("plain letters only so far, which is UTF-8 too")
        if text.isascii()
        else gettext("all of it is valid UTF-8")
    )
    guess.values["encoding"] = ("utf-8", why)
    return text


def _guess_delimiter(text: str, guess: Guess) -> tuple[int, str]:
    """The lines before the table and the delimiter: the one that cuts most rows into the same number of columns."""
    best = (0.0, 0, ",", 1)
    for delimiter in DELIMITERS:
        try:
            sample = [
                row
                for row, _ in zip(
                    csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), range(200), strict=False
                )
            ]
        except csv.Error:
            continue
        widths = Counter(len(row) for row in sample if row)
        usual, often = max(widths.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]), default=(1, 0))
        if usual > 1 and (often / max(sum(widths.values()), 1), usual) > best[:2]:
            best = (often / sum(widths.values()), usual, delimiter, usual)
    share, width, delimiter, _ = best
    lines = list(csv.reader(io.StringIO(text[:65536], newline=""), delimiter=delimiter))
    skipped = next((at for at, row in enumerate(lines[:50]) if len(row) == width), 0) if width else 0
    name = DELIMITERS[delimiter]
    why = gettext("no sign between columns was found")
    if width:
        why = gettext(
            "the %(sign)s cuts %(share)s of the first rows into %(count)s columns",
            sign=name,
            share=f"{share:.0%}",
            count=width,
        )
    guess.values["delimiter"] = ("tab" if delimiter == "\t" else delimiter, why)
    if skipped:
        guess.values["skip_lines"] = (skipped, gettext("the first %(count)s lines have another shape", count=skipped))
    return skipped, delimiter


def _header(table: list[list[str]], guess: Guess) -> tuple[list[str], list[list[str]], bool]:
    first = [cell.strip() for cell in table[0]]
    known = sum(bool(_meanings_of(name)) for name in first)
    with_digits = sum(any(c.isdigit() for c in name) for name in first)
    if known >= 2 or (known and not with_digits) or (not with_digits and all(first) and len(set(first)) == len(first)):
        return first, table[1:], True
    guess.values["header"] = (False, gettext("the first row looks like the others: it holds numbers or dates"))
    return [f"#{place}" for place in range(1, len(first) + 1)], table, False


def _meanings_of(name: str) -> list[str]:
    """The meanings that a header's words announce, the likeliest first."""
    plain = re.sub(r"([a-z])([A-Z])", r"\1 \2", name)
    plain = re.sub(r"[^a-z0-9àèéìòù%]+", " ", plain.lower()).strip()
    return [meaning for meaning, words in WORDS.items() if plain in words or plain.replace(" ", "") in words]


def _guess_columns(header: list[str], columns: list[list[str]], guess: Guess, *, has_header: bool) -> None:
    free = list(range(len(header)))
    if has_header:
        _take_by_name(header, columns, guess, free)
    for meaning, fits, why in (
        ("date", are_dates, gettext("nearly all values are dates")),
        ("unit_price", are_prices, gettext("numbers with decimals")),
        ("quantity", are_quantities, gettext("small whole numbers")),
        ("description", are_descriptions, gettext("long texts that repeat")),
        ("sku", are_codes, gettext("short codes that repeat")),
    ):
        found = next((at for at in free if columns[at] and fits(columns[at])), None)
        if meaning in guess.columns or found is None:
            continue
        free.remove(found)
        guess.columns[meaning] = (header[found] if has_header else found + 1, f"{why}; {_examples(columns[found])}")
    _say_what_lacks(guess)
    guess.columns = {meaning: guess.columns[meaning] for meaning in MEANINGS if meaning in guess.columns}


def _take_by_name(header: list[str], columns: list[list[str]], guess: Guess, free: list[int]) -> None:
    for meaning in MEANINGS:
        found = next((at for at in free if meaning in _meanings_of(header[at]) and _fits(meaning, columns[at])), None)
        if found is not None:
            name = header[found]
            column = found + 1 if header.count(name) > 1 else name
            guess.columns[meaning] = (
                column,
                gettext("its name says so; %(examples)s", examples=_examples(columns[found])),
            )
            free.remove(found)


def _say_what_lacks(guess: Guess) -> None:
    if "order_number" not in guess.columns:
        guess.values["order_per"] = (
            "day",
            gettext("no column looks like an order number: one order a day (and a customer)"),
        )
    if "quantity" not in guess.columns:
        guess.constants["quantity"] = ("1", gettext("no column looks like a quantity: each row is one piece"))
    for meaning in ("date", "sku", "unit_price"):
        if meaning not in guess.columns:
            guess.missing.append(f"{meaning}: no column looks like it; name it under [columns] or [constants]")


def _fits(meaning: str, values: list[str]) -> bool:
    """Whether a column of that name can be what it says: a price must hold numbers, a date dates."""
    if not values:
        return True
    if meaning in NUMERIC:
        return share_of(values, is_number) >= 0.5
    return meaning != "date" or share_of(values, lambda v: any(c.isdigit() for c in v)) >= 0.5


def _guess_numbers(header: list[str], columns: list[list[str]], guess: Guess) -> None:
    commas = points = both_comma = both_point = 0
    for meaning in NUMERIC:
        for value in _column(meaning, header, columns, guess):
            plain = re.sub(r"[^\d.,]", "", value)
            if "," in plain and "." in plain:
                both_comma += plain.rfind(",") > plain.rfind(".")
                both_point += plain.rfind(".") > plain.rfind(",")
            elif "," in plain:
                commas += 1
            elif "." in plain:
                points += 1
    if both_comma > both_point or (not both_point and commas > points):
        guess.values["decimal"] = (
            ",",
            gettext("%(count)s of the first numbers end in a comma and decimals", count=commas + both_comma),
        )
        if both_comma:
            guess.values["thousands"] = (
                ".",
                gettext("%(count)s numbers have a point before the comma", count=both_comma),
            )
        return
    why = gettext("no number has decimals")
    if points or both_point:
        why = gettext("%(count)s of the first numbers have a point", count=points + both_point)
    guess.values["decimal"] = (".", why)
    if both_point:
        guess.values["thousands"] = (",", gettext("%(count)s numbers have a comma before the point", count=both_point))


def _guess_dates(header: list[str], columns: list[list[str]], guess: Guess) -> None:
    values = _column("date", header, columns, guess)
    if not values:
        return
    form, why = date_form(values)
    guess.values["date_format"] = (form, why)


def _guess_details(header: list[str], columns: list[list[str]], guess: Guess) -> None:
    customers = _column("customer_number", header, columns, guess)
    if customers and share_of(customers, lambda v: re.fullmatch(r"\d+[.,]0+", v) is not None) >= ENOUGH:
        guess.values["customer_number_whole"] = (
            True,
            gettext("customer numbers are written like %(text)s", text=repr(customers[0])),
        )
    orders = _column("order_number", header, columns, guess)
    prefixes = Counter(match[1] for order in orders if (match := re.fullmatch(r"([A-Za-z]{1,3}-?)\d+", order)))
    plain = sum(order.isdigit() for order in orders)
    if plain and prefixes and plain > sum(prefixes.values()):
        prefix, often = prefixes.most_common(1)[0]
        guess.values["cancellation_prefix"] = (
            prefix,
            gettext("%(count)s order numbers begin with it, the others are plain numbers", count=often),
        )


def _column(meaning: str, header: list[str], columns: list[list[str]], guess: Guess) -> list[str]:
    if meaning not in guess.columns:
        return []
    column = guess.columns[meaning][0]
    return columns[column - 1 if isinstance(column, int) else header.index(column)]


def _examples(values: list[str]) -> str:
    shown = list(dict.fromkeys(values))[:2]
    if not shown:
        return str(gettext("empty so far"))
    return str(gettext("for example %(values)s", values=", ".join(repr(value[:30]) for value in shown)))


def toml(value: object) -> str:
    """A text, number, boolean or list as TOML writes it."""
    return json.dumps(value, ensure_ascii=False).replace(
        "\x7f", "\\u007f"
    )  # JSON's strings, numbers and booleans are TOML's


def _plain(why: str) -> str:
    return "".join(c if c.isprintable() else " " for c in why)
