"""How values are shown in Flask-Admin's lists: in the reader's language and the company's time."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

from flask_babel import format_datetime, format_decimal, gettext

LONGEST = 120


def _moment(_view: Any, value: dt.datetime, _name: str) -> str:
    return str(format_datetime(value, "short"))


def _amount(_view: Any, value: Decimal, _name: str) -> str:
    return str(format_decimal(value, format="#,##0.####"))


def _truth(_view: Any, value: bool, _name: str) -> str:  # noqa: FBT001 - the library's signature
    return str(gettext("Yes") if value else gettext("No"))


def _nothing(_view: Any, _value: None, _name: str) -> str:
    return ""


def _several(_view: Any, value: list[Any], _name: str) -> str:
    return ", ".join(map(str, value))


def _structure(_view: Any, value: dict[str, Any], _name: str) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def shortened(_view: Any, _context: Any, record: Any, name: str) -> str:
    """A column formatter: the beginning of a long text."""
    text = str(getattr(record, name) or "")
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


FORMATTERS = {
    type(None): _nothing,
    bool: _truth,
    dt.datetime: _moment,
    Decimal: _amount,
    dict: _structure,
    list: _several,
}
