"""The one rounding engine: half up, to the cent, per line."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def to_cents(amount: Decimal) -> Decimal:
    """`amount` in currency units, rounded half up to the cent (away from zero at the half)."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)
