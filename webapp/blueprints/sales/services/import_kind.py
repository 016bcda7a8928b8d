"""Whether a file is a table that can be imported, told by what it holds."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from webapp.blueprints.sales.services.import_problems import ImportRefused

NOT_TABLES = (
    (b"\xd0\xcf\x11\xe0", _l("an old Excel (.xls) or Word file; save it as .xlsx or CSV")),
    (b"%PDF", _l("a PDF")),
    (b"\x89PNG", _l("an image")),
    (b"\xff\xd8\xff", _l("an image")),
    (b"GIF8", _l("an image")),
    (b"\x1f\x8b", _l("compressed with gzip; unpack it first")),
    (b"7z\xbc\xaf", _l("a 7z archive; unpack it first")),
    (b"Rar!", _l("a RAR archive; unpack it first")),
    (b"SQLite format 3\0", _l("an SQLite database; export its table as CSV")),
    (b"PAR1", _l("a Parquet file; export it as CSV")),
    (b"{\\rtf", _l("an RTF document")),
)
MARKUP = re.compile(rb"\s*<(!doctype|html|\?xml|table|head)", re.IGNORECASE)
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"),
         (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip


def kind_of(path: Path) -> str:
    """The format, csv or xlsx, by content and not by name. Raises ImportRefused for everything else."""
    if not path.exists():
        raise ImportRefused(gettext("%(file)s: there is no such file.", file=path))
    if not path.is_file():
        raise ImportRefused(gettext("%(file)s: this is not a file.", file=path))
    try:
        with path.open("rb") as file:
            start = file.read(8192)
    except OSError as error:
        raise ImportRefused(
            gettext("%(file)s: cannot be read: %(problem)s.", file=path, problem=error.strerror)
        ) from None
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "xlsx"
    for magic, name in NOT_TABLES:
        if start.startswith(magic):
            raise ImportRefused(
                gettext("%(file)s: wrong type: this is %(kind)s. CSV and XLSX can be imported.", file=path, kind=name)
            )
    if MARKUP.match(start.removeprefix(codecs.BOM_UTF8)):
        raise ImportRefused(
            gettext("%(file)s: line 1: wrong type: this is HTML or XML. CSV and XLSX can be imported.", file=path)
        )
    if not start.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0"):
        raise ImportRefused(gettext("%(file)s: line 1: the file is empty.", file=path))
    marked = mark_of(start) is not None
    controls = sum(start.count(bytes([code])) for code in (*range(1, 9), *range(14, 27)))
    if not marked and controls > len(start) // 20:
        raise ImportRefused(
            gettext("%(file)s: wrong type: these bytes are not text. CSV and XLSX can be imported.", file=path)
        )
    return "csv"


def mark_of(start: bytes) -> str | None:
    """The encoding that a byte order mark at the start of the file announces."""
    return next((encoding for mark, encoding in MARKS if start.startswith(mark)), None)
