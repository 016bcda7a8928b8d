"""One line of the bench's table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """`measured` in `unit`; `ratio` compares it with the `reference` of the same run; `limit` bounds the ratio.

    Without a ratio the limit bounds `measured` itself.
    """

    name: str
    measured: float
    unit: str
    reference: str
    ratio: float | None = None
    limit: float | None = None

    @property
    def missed(self) -> bool:
        """Whether the limit was not kept."""
        value = self.measured if self.ratio is None else self.ratio
        return self.limit is not None and value > self.limit
