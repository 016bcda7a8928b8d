"""The records of the sales room: orders with their lines, imports and the rows that an import put aside."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, Numeric, String, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.blueprints.catalogue.public import Product
from webapp.blueprints.crm.public import Customer
from webapp.core.changes import ChangeTracked
from webapp.core.db import Base, Editable, Numbered
from webapp.core.owned import Owned


class OrderKind(StrEnum):
    """What an order document does: sell, cancel an earlier sale, take goods back or write something off."""

    SALE = "sale"
    CANCELLATION = "cancellation"
    RETURN = "return"


class Order(Editable, Owned, ChangeTracked, Base):
    """An order as the company numbers it. No customer means an anonymous sale.

    `ordered_at` is UTC. `net`, `units` and `line_count` are kept by the trigger `sales_order_lines_total` on the lines;
    nobody else writes them. `imported_xid` is the transaction of the last import that wrote it: when `changed_xid` is
    another one, people changed it since. `people_xid` is the last import's that found it changed by people before.
    """

    __tablename__ = "sales_orders"
    __table_args__ = (
        UniqueConstraint("number", name="uq_sales_orders_number"),
        CheckConstraint("kind IN ('sale', 'cancellation', 'return')", name="kind"),
        Index("ix_sales_orders_ordered_at_id", "ordered_at", "id"),
        Index("ix_sales_orders_net_id", "net", "id"),
        Index("ix_sales_orders_country_ordered_at_id", "country", "ordered_at", "id"),
    )

    number: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(20), server_default=text("'sale'"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("crm_customers.id", ondelete="RESTRICT"), index=True)
    country: Mapped[str] = mapped_column(String(60), server_default=text("''"))
    ordered_at: Mapped[dt.datetime]
    net: Mapped[Decimal] = mapped_column(Numeric(18, 4), server_default=text("0"))
    units: Mapped[Decimal] = mapped_column(Numeric(18, 3), server_default=text("0"))
    line_count: Mapped[int] = mapped_column(server_default=text("0"))
    import_id: Mapped[int | None] = mapped_column(ForeignKey("sales_imports.id", ondelete="SET NULL"), index=True)
    imported_xid: Mapped[int | None]
    people_xid: Mapped[int | None]

    customer: Mapped[Customer | None] = relationship()
    lines: Mapped[list[OrderLine]] = relationship(
        back_populates="order", order_by="OrderLine.position", cascade="all, delete-orphan", passive_deletes=True
    )

    def __str__(self) -> str:
        return self.number


class OrderLine(Numbered, Base):
    """One line of an order. `discount` is in percent; `net` = quantity x unit_price x (1 - discount/100), four decimals.

    `source_hash` and `source_occurrence` say which line of which imported content it is: the n-th line with that content.
    `import_id` is the import that stored it; no foreign key, which would be checked row by row.
    """

    __tablename__ = "sales_order_lines"
    __table_args__ = (
        UniqueConstraint("source_hash", "source_occurrence", name="uq_sales_order_lines_source"),
        CheckConstraint("discount >= 0 AND discount <= 100", name="discount"),
    )

    order_id: Mapped[int] = mapped_column(ForeignKey("sales_orders.id", ondelete="CASCADE"), index=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("catalogue_products.id", ondelete="RESTRICT"), index=True)
    position: Mapped[int]
    description: Mapped[str] = mapped_column(String(500), server_default=text("''"))
    quantity: Mapped[Decimal] = mapped_column(Numeric(14, 3))
    unit_price: Mapped[Decimal] = mapped_column(Numeric(14, 4))
    discount: Mapped[Decimal] = mapped_column(Numeric(5, 2), server_default=text("0"))
    net: Mapped[Decimal] = mapped_column(
        Numeric(18, 4), Computed("round(quantity * unit_price * (100 - discount) / 100, 4)", persisted=True)
    )
    source_hash: Mapped[UUID | None]
    source_occurrence: Mapped[int | None]
    import_id: Mapped[int | None]

    order: Mapped[Order] = relationship(back_populates="lines")
    product: Mapped[Product] = relationship()

    def __str__(self) -> str:
        return f"{self.position}: {self.description}"


class SalesImport(Numbered, Base):
    """One import of one file: what it was and where every row went. Rows = accepted + already_known + quarantined.

    `xid` is the transaction that stored it. Once undone, `undone` says in numbers and names what went and what stayed.
    """

    __tablename__ = "sales_imports"

    filename: Mapped[str] = mapped_column(String(300))
    file_sha256: Mapped[str] = mapped_column(String(64))
    mapping: Mapped[dict[str, Any]] = mapped_column(JSONB)
    actor: Mapped[str] = mapped_column(String(200))
    started_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[dt.datetime | None]
    rows: Mapped[int] = mapped_column(server_default=text("0"))
    accepted: Mapped[int] = mapped_column(server_default=text("0"))
    already_known: Mapped[int] = mapped_column(server_default=text("0"))
    quarantined: Mapped[int] = mapped_column(server_default=text("0"))
    orders: Mapped[int] = mapped_column(server_default=text("0"))
    customers: Mapped[int] = mapped_column(server_default=text("0"))
    products: Mapped[int] = mapped_column(server_default=text("0"))
    net: Mapped[Decimal] = mapped_column(Numeric(18, 4), server_default=text("0"))
    xid: Mapped[int | None]
    undone_at: Mapped[dt.datetime | None]
    undone_by: Mapped[str] = mapped_column(String(200), server_default=text("''"))
    undone: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))

    def __str__(self) -> str:
        return f"{self.filename} {self.started_at:%Y-%m-%d %H:%M}"


class QuarantinedRow(Numbered, Base):
    r"""A row that an import could not take, kept verbatim with its place and the reason, to be corrected and replayed.

    `raw` is the row as it stood in the file; when `escaped`, bytes that are no text are written \xHH and a backslash
    \\. `raw_hash` and `raw_occurrence` say which row of which content it is, so that a second import lists it once.
    `reason_code` and `reason_values` let a page say the reason in another language. `settled_by` replayed or discarded it;
    `settled_import_id` is the import of the same file that could take it. `earlier_import_id` had put it aside before.
    """

    __tablename__ = "sales_quarantined_rows"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'replayed', 'discarded')", name="state"),
        UniqueConstraint("raw_hash", "raw_occurrence", name="uq_sales_quarantined_rows_source"),
        Index("ix_sales_quarantined_rows_state_id", "state", "id"),
    )

    import_id: Mapped[int] = mapped_column(ForeignKey("sales_imports.id", ondelete="CASCADE"), index=True)
    line_number: Mapped[int]
    raw: Mapped[str]
    escaped: Mapped[bool] = mapped_column(server_default=text("false"))
    raw_hash: Mapped[UUID]
    raw_occurrence: Mapped[int]
    column: Mapped[str] = mapped_column(String(120), server_default=text("''"))
    reason: Mapped[str] = mapped_column(String(1000))
    reason_code: Mapped[str] = mapped_column(String(40))
    reason_values: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(String(20), server_default=text("'open'"))
    corrected: Mapped[str | None]
    settled_by: Mapped[str] = mapped_column(String(200), server_default=text("''"))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    earlier_import_id: Mapped[int | None] = mapped_column(ForeignKey("sales_imports.id", ondelete="SET NULL"))
    settled_import_id: Mapped[int | None] = mapped_column(ForeignKey("sales_imports.id", ondelete="SET NULL"))

    import_: Mapped[SalesImport] = relationship(foreign_keys=[import_id])

    def __str__(self) -> str:
        return f"{self.line_number}: {self.raw[:60]}"


class ImportCreation(Base):
    """A customer, product or category that an import made new, in the transaction `xid`: an undo takes it away again."""

    __tablename__ = "sales_import_creations"
    __table_args__ = (CheckConstraint("kind IN ('customer', 'product', 'category')", name="kind"),)

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    row_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    import_id: Mapped[int] = mapped_column(ForeignKey("sales_imports.id", ondelete="CASCADE"), index=True)
    xid: Mapped[int]


class ImportTouch(Base):
    """An order that was there when an import added lines to it, as it was before: an undo makes it so again."""

    __tablename__ = "sales_import_touches"

    import_id: Mapped[int] = mapped_column(ForeignKey("sales_imports.id", ondelete="CASCADE"), primary_key=True)
    order_id: Mapped[int] = mapped_column(
        ForeignKey("sales_orders.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    ordered_at: Mapped[dt.datetime]
    customer_id: Mapped[int | None]  # no foreign key: it may be gone when it is wanted back
    country: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(20))


class UploadState(StrEnum):
    """Where an uploaded file stands."""

    OPEN = "open"
    IMPORTED = "imported"
    ABANDONED = "abandoned"


class SalesUpload(Numbered, Base):
    """A file that somebody uploaded to import it. Its bytes lie in the folder of uploads under the random `stored_as`.

    `mapping` is how it is to be read so far (the keys of a mapping file), `reasons` say why, by key. `checked` is what
    the last dry run by this very mapping counted. `size` is in bytes. `removed_at`: the bytes are gone.
    """

    __tablename__ = "sales_uploads"
    __table_args__ = (
        UniqueConstraint("stored_as", name="uq_sales_uploads_stored_as"),
        CheckConstraint("state IN ('open', 'imported', 'abandoned')", name="state"),
        Index("ix_sales_uploads_state_id", "state", "id"),
    )

    filename: Mapped[str] = mapped_column(String(300))
    stored_as: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    file_sha256: Mapped[str] = mapped_column(String(64))
    actor: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    changed_at: Mapped[dt.datetime] = mapped_column(server_default=func.now(), onupdate=func.now())
    mapping: Mapped[dict[str, Any]] = mapped_column(JSONB)
    reasons: Mapped[dict[str, str]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(String(20), server_default=text("'open'"))
    checked: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    check_task_id: Mapped[int | None]
    import_task_id: Mapped[int | None]
    import_id: Mapped[int | None] = mapped_column(ForeignKey("sales_imports.id", ondelete="SET NULL"))
    removed_at: Mapped[dt.datetime | None]

    def __str__(self) -> str:
        return self.filename
