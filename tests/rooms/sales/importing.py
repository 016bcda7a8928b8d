"""Sales files of one shape, and what an import told of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.blueprints.sales.models import QuarantinedRow
from webapp.blueprints.sales.services.import_mapping import Mapping, mapping_from
from webapp.blueprints.sales.services.importing import ImportResult

HEADER = "no,when,code,text,qty,price,customer,land"
COLUMNS = {
    "order_number": "no", "date": "when", "sku": "code", "description": "text", "quantity": "qty", "unit_price": "price",
    "customer_number": "customer", "country": "land",
}  # fmt: skip
GOOD = "1,2024-05-01 10:00,A,Apple,2,1.50,C1,Italy"

Load = Callable[..., ImportResult]


def mapping(**changes: Any) -> Mapping:
    """The mapping of HEADER."""
    return mapping_from({"columns": COLUMNS, "cancellation_prefix": "X", **changes})


def counts(result: ImportResult) -> tuple[int, int, int, int]:
    """Rows, accepted, already known, quarantined; they always add up."""
    assert result.rows == result.accepted + result.already_known + result.quarantined
    return result.rows, result.accepted, result.already_known, result.quarantined


def one_aside(session: Session) -> QuarantinedRow:
    """The only row put aside."""
    return session.scalars(select(QuarantinedRow)).one()
