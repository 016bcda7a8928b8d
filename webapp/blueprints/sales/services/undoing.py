"""The undo of a whole import: what it stored goes, what people or later imports made of it stays and is told.

What an import stored is known by its lines' `import_id`, by `sales_import_creations` (new customers, products and
categories) and by `sales_import_touches` (orders that were there before). An order that people changed after the import
stays whole. From an order with lines of others, only the import's own lines go. A customer, product or category stays
when it was changed or is used. Afterwards the same file can be imported again.
"""

# ruff: noqa: S608 - the names and expressions put into SQL are this module's own
from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

import psycopg2.errors
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from webapp.blueprints.sales.models import SalesImport
from webapp.blueprints.sales.services import import_tables
from webapp.blueprints.sales.services.import_store import XID
from webapp.blueprints.tasks.public import Task, ask
from webapp.core.clock import utc_now
from webapp.core.errors import DomainError, NotFound
from webapp.core.security import Actor

log = logging.getLogger(__name__)
NAMED = 100
STEPS = 5
Names = dict[str, list[str]]
# what an import creates, in the order in which it goes: the plural, the table, and the name that people know it by
CREATED = {
    "customer": ("customers", "crm_customers", "number || CASE WHEN name = number THEN '' ELSE ' ' || name END"),
    "product": ("products", "catalogue_products", "sku || CASE WHEN name = sku THEN '' ELSE ' ' || name END"),
    "category": ("categories", "catalogue_categories", "name"),
}
# the records that are still used once the orders and lines that go are gone
USED = {
    "customer": """
        SELECT o.customer_id AS id FROM sales_orders o LEFT JOIN undo_orders u ON u.id = o.id
        WHERE (u.id IS NULL OR u.edited OR u.shared OR NOT u.created)
          AND NOT EXISTS (SELECT FROM sales_import_touches b WHERE b.import_id = %(import)s AND b.order_id = o.id
                          AND NOT u.edited AND b.customer_id IS DISTINCT FROM o.customer_id)
    """,
    "product": """
        SELECT l.product_id AS id FROM sales_order_lines l LEFT JOIN undo_orders u ON u.id = l.order_id AND u.edited
        WHERE l.import_id IS DISTINCT FROM %(import)s OR u.id IS NOT NULL
    """,
    "category": """
        SELECT p.category_id AS id FROM catalogue_products p LEFT JOIN undo_created u ON u.kind = 'product' AND u.id = p.id
        WHERE u.id IS NULL OR u.stays
    """,
}
# the other import that a created record belongs to when it stays because that one uses it
HEIRS = {
    "customer": "SELECT min(o.import_id) FROM sales_orders o WHERE o.customer_id = u.id AND o.import_id <> %(import)s",
    "product": "SELECT min(l.import_id) FROM sales_order_lines l WHERE l.product_id = u.id AND l.import_id <> %(import)s",
    "category": """
        SELECT min(p.import_id) FROM catalogue_products g
        JOIN sales_import_creations p ON p.kind = 'product' AND p.row_id = g.id
        WHERE g.category_id = u.id AND p.import_id <> %(import)s
    """,
}
ORDERS = """
    SELECT o.id, o.number, coalesce(l.lines, 0) AS lines, coalesce(l.net, 0) AS net,
           o.import_id IS NOT DISTINCT FROM %(import)s AS created,
           o.imported_xid IS DISTINCT FROM o.changed_xid OR coalesce(o.people_xid, 0) > %(xid)s AS edited,
           o.line_count > coalesce(l.lines, 0) AS shared
    FROM sales_orders o
    LEFT JOIN (SELECT order_id, count(*) AS lines, sum(net) AS net FROM sales_order_lines
               WHERE import_id = %(import)s GROUP BY order_id) l ON l.order_id = o.id
    WHERE o.import_id = %(import)s OR l.order_id IS NOT NULL
"""


class NotUndoable(DomainError):
    """The import was undone already, or is older than the record of what imports store."""


@dataclass(frozen=True)
class Undo:
    """What an undo takes away and what it leaves, in numbers; `kept` names at most NAMED of each kind that stays.

    `orders` go with all their lines; from `orders_left` only the import's lines go: others have lines in them or made them.
    `kept` has the keys orders_edited, orders_left, customers, products and categories.
    """

    lines: int = 0
    orders: int = 0
    net: Decimal = Decimal(0)
    orders_left: int = 0
    orders_edited: int = 0
    lines_edited: int = 0
    customers: int = 0
    customers_kept: int = 0
    products: int = 0
    products_kept: int = 0
    categories: int = 0
    categories_kept: int = 0
    quarantined: int = 0
    kept: Names = field(default_factory=dict)

    @property
    def leaves_something(self) -> bool:
        """Whether anything stays."""
        return bool(
            self.orders_left or self.orders_edited or self.customers_kept or self.products_kept or self.categories_kept
        )

    def as_json(self) -> dict[str, Any]:
        """As it is stored with the import; `undo_from` reads it back."""
        return {**asdict(self), "net": f"{self.net:.4f}"}


def undo_from(stored: dict[str, Any]) -> Undo:
    """The undo that `as_json` wrote."""
    return Undo(**{**stored, "net": Decimal(stored["net"])})


def get_import(session: Session, import_id: int, *, lock: bool = False) -> SalesImport:
    """The import with this id. Raises NotFound."""
    record = session.get(SalesImport, import_id, with_for_update=True if lock else None, populate_existing=lock)
    if record is None:
        raise NotFound(_l("There is no such import."))
    return record


def preview_undo(session: Session, import_id: int) -> Undo:
    """What an undo would do if nobody changed anything in between; writes nothing. Raises NotFound, NotUndoable."""
    record = _undoable(get_import(session, import_id))
    savepoint = session.begin_nested()
    try:
        cursor = _cursor(session)
        orders = _work_out_orders(cursor, record)
        created = _work_out_created(cursor, import_id)
        cursor.execute("SELECT count(*) FROM sales_quarantined_rows WHERE import_id = %s", (import_id,))
        return _told(orders, created, cursor.fetchone()[0])
    finally:
        savepoint.rollback()


def ask_undo(session: Session, *, import_id: int, by: Actor) -> Task:
    """Let a task undo the import; the one that is under way, if there is one. Raises NotFound, NotUndoable."""
    _undoable(get_import(session, import_id, lock=True))
    return ask(session, "sales.undo_import", {"import_id": import_id}, by=by)


def undo_import(
    session: Session, *, import_id: int, by: Actor, tell: Callable[[int, int], None] = lambda _done, _steps: None
) -> Undo:
    """Take away what the import stored; what it did. Waits for an import that stores now. Raises NotFound, NotUndoable.

    `tell` hears of the steps done and how many there are. Does not commit.
    """
    cursor = _cursor(session)
    import_tables.wait_for_lock(cursor)
    record = _undoable(get_import(session, import_id, lock=True))
    values = {"import": import_id}
    tell(0, STEPS)
    _lock_orders(cursor, values)
    orders = _work_out_orders(cursor, record)
    tell(1, STEPS)
    cursor.execute(
        "DELETE FROM sales_order_lines l USING undo_orders u "
        "WHERE l.import_id = %(import)s AND u.id = l.order_id AND NOT u.edited",
        values,
    )
    tell(2, STEPS)
    _remove_orders(cursor, values)
    tell(3, STEPS)
    _lock_created(cursor, values)
    _work_out_created(cursor, import_id)
    created = _remove_created(cursor, values)
    tell(4, STEPS)
    done = _told(orders, created, _remove_quarantined(cursor, values))
    cursor.execute("DROP TABLE undo_orders, undo_created")
    record.undone_at, record.undone_by, record.undone = utc_now(), by.name[:200], done.as_json()
    session.flush()
    session.expire_all()
    tell(STEPS, STEPS)
    log.info("import %s undone by %s", import_id, by.name)
    return done


def _cursor(session: Session) -> Any:
    raw: Any = session.connection().connection
    return raw.cursor()


def _undoable(record: SalesImport) -> SalesImport:
    if record.undone_at is not None:
        raise NotUndoable(_l("This import was undone already."))
    if record.xid is None:
        raise NotUndoable(_l("This import is older than the undo: what it stored was not recorded."))
    return record


def _told(orders: dict[str, Any], created: dict[str, tuple[int, int, list[str]]], quarantined: int) -> Undo:
    counts: dict[str, int] = {}
    kept = dict(orders["kept"])
    for kind, (gone, stays, names) in created.items():
        plural = CREATED[kind][0]
        counts[plural], counts[f"{plural}_kept"], kept[plural] = gone, stays, names
    return Undo(**{**orders, **counts, "quarantined": quarantined, "kept": kept})


def _lock_orders(cursor: Any, values: dict[str, int]) -> None:
    """Keep the orders from others, in the order of the ids, so that two writers of many do not wait for each other."""
    cursor.execute(
        "SELECT count(*) FROM (SELECT FROM sales_orders WHERE import_id = %(import)s OR id IN (SELECT order_id "
        "FROM sales_order_lines WHERE import_id = %(import)s) ORDER BY id FOR UPDATE) x",
        values,
    )


def _lock_created(cursor: Any, values: dict[str, int]) -> None:
    for kind, (_plural, table, _name) in CREATED.items():
        cursor.execute(
            f"SELECT count(*) FROM (SELECT FROM {table} t JOIN sales_import_creations c ON c.kind = '{kind}' "
            "AND c.row_id = t.id WHERE c.import_id = %(import)s ORDER BY t.id FOR UPDATE OF t) x",
            values,
        )


def _work_out_orders(cursor: Any, record: SalesImport) -> dict[str, Any]:
    """Fill `undo_orders`: the orders with lines of the import; what becomes of them, as values of Undo."""
    cursor.execute(
        f"CREATE TEMP TABLE undo_orders ON COMMIT DROP AS {ORDERS}", {"import": record.id, "xid": record.xid}
    )
    cursor.execute("ANALYZE undo_orders")
    cursor.execute(
        """
        SELECT coalesce(sum(lines) FILTER (WHERE NOT edited), 0), count(*) FILTER (WHERE goes),
               coalesce(sum(net) FILTER (WHERE NOT edited), 0), count(*) FILTER (WHERE NOT edited AND NOT goes),
               count(*) FILTER (WHERE edited), coalesce(sum(lines) FILTER (WHERE edited), 0)
        FROM (SELECT *, created AND NOT edited AND NOT shared AS goes FROM undo_orders) u
        """
    )
    names = ("lines", "orders", "net", "orders_left", "orders_edited", "lines_edited")
    counts = dict(zip(names, cursor.fetchone(), strict=True))
    kept = {
        "orders_edited": _named(cursor, "SELECT number FROM undo_orders WHERE edited"),
        "orders_left": _named(cursor, "SELECT number FROM undo_orders WHERE NOT edited AND (shared OR NOT created)"),
    }
    return {**counts, "lines": int(counts["lines"]), "lines_edited": int(counts["lines_edited"]), "kept": kept}


def _work_out_created(cursor: Any, import_id: int) -> dict[str, tuple[int, int, list[str]]]:
    """Fill `undo_created`: the new customers, products and categories; those stay that were changed since or are used."""
    cursor.execute(
        """
        CREATE TEMP TABLE undo_created (
            kind text NOT NULL, id bigint NOT NULL, name text NOT NULL, stays boolean NOT NULL, PRIMARY KEY (kind, id)
        ) ON COMMIT DROP
        """
    )
    for kind, (_plural, table, name) in CREATED.items():
        cursor.execute(
            f"""
            INSERT INTO undo_created SELECT '{kind}', t.id, {name}, t.changed_xid <> c.xid OR used.id IS NOT NULL
            FROM {table} t JOIN sales_import_creations c ON c.kind = '{kind}' AND c.row_id = t.id
            LEFT JOIN (SELECT DISTINCT x.id FROM ({USED[kind]}) x) used ON used.id = t.id
            WHERE c.import_id = %(import)s
            """,
            {"import": import_id},
        )
        cursor.execute("ANALYZE undo_created")
    return _created(cursor)


def _created(cursor: Any) -> dict[str, tuple[int, int, list[str]]]:
    """By kind: how many go, how many stay, and the names of those."""
    found = {}
    for kind in CREATED:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE NOT stays), count(*) FILTER (WHERE stays) FROM undo_created WHERE kind = %s",
            (kind,),
        )
        gone, stays = cursor.fetchone()
        names = _named(cursor, f"SELECT name FROM undo_created WHERE kind = '{kind}' AND stays")
        found[kind] = (gone, stays, names)
    return found


def _remove_orders(cursor: Any, values: dict[str, int]) -> None:
    """Delete the orders that are empty now, and make those with lines of others what they would be without the import."""
    cursor.execute(
        "DELETE FROM sales_orders o USING undo_orders u WHERE u.id = o.id AND u.created AND NOT u.edited AND NOT u.shared"
    )
    # the next import that added to an order found it as this one had left it: without this one, as this one found it
    cursor.execute(
        """
        UPDATE sales_import_touches later SET ordered_at = mine.ordered_at, customer_id = mine.customer_id,
            country = mine.country, kind = mine.kind
        FROM sales_import_touches mine JOIN undo_orders u ON u.id = mine.order_id AND NOT u.edited
        WHERE mine.import_id = %(import)s AND later.order_id = mine.order_id
          AND later.import_id = (SELECT min(t.import_id) FROM sales_import_touches t
                                 WHERE t.order_id = mine.order_id AND t.import_id > %(import)s)
        """,
        values,
    )
    cursor.execute(
        f"""
        UPDATE sales_orders o SET version = o.version + 1, updated_at = now(), imported_xid = {XID},
            import_id = CASE WHEN u.created THEN (SELECT min(l.import_id) FROM sales_order_lines l WHERE l.order_id = o.id)
                        ELSE o.import_id END,
            ordered_at = coalesce(b.ordered_at, o.ordered_at),
            customer_id = CASE WHEN b.order_id IS NULL THEN o.customer_id ELSE c.id END,
            country = coalesce(b.country, o.country),
            kind = CASE WHEN b.order_id IS NOT NULL THEN b.kind WHEN o.kind = 'cancellation' THEN o.kind
                        WHEN o.units < 0 THEN 'return' ELSE 'sale' END
        FROM undo_orders u
        LEFT JOIN sales_import_touches b ON b.import_id = %(import)s AND b.order_id = u.id
             AND NOT EXISTS (SELECT FROM sales_import_touches t WHERE t.order_id = u.id AND t.import_id > %(import)s)
        LEFT JOIN crm_customers c ON c.id = b.customer_id
        WHERE u.id = o.id AND NOT u.edited
        """,
        values,
    )
    # who took an order over counts as its maker now
    cursor.execute(
        """
        DELETE FROM sales_import_touches t USING sales_orders o JOIN undo_orders u ON u.id = o.id
        WHERE t.order_id = o.id AND (t.import_id = %(import)s OR (u.created AND t.import_id = o.import_id))
        """,
        values,
    )


def _remove_created(cursor: Any, values: dict[str, int]) -> dict[str, tuple[int, int, list[str]]]:
    """Delete the new customers, products and categories that nothing needs; numbers and names as `_created` has them.

    A record that stays because another import uses it is that import's from now on, so that its undo finds it.
    """
    for kind, (_plural, table, _name) in CREATED.items():
        _delete_unused(cursor, kind, table)
        cursor.execute(
            f"""
            UPDATE sales_import_creations c SET import_id = h.import_id
            FROM (SELECT u.id, ({HEIRS[kind]}) AS import_id FROM undo_created u WHERE u.kind = '{kind}' AND u.stays) h
            WHERE c.kind = '{kind}' AND c.row_id = h.id AND h.import_id IS NOT NULL
            """,
            values,
        )
    cursor.execute("DELETE FROM sales_import_creations WHERE import_id = %(import)s", values)
    return _created(cursor)


def _delete_unused(cursor: Any, kind: str, table: str) -> None:
    """Delete what does not stay. What somebody began to use this moment, or another room uses, stays too."""
    delete = f"DELETE FROM {table} t USING undo_created u WHERE u.kind = '{kind}' AND u.id = t.id AND NOT u.stays"
    if _tried(cursor, delete):
        return
    cursor.execute("SELECT id FROM undo_created WHERE kind = %s AND NOT stays ORDER BY id", (kind,))
    for (row_id,) in cursor.fetchall():
        if not _tried(cursor, f"{delete} AND t.id = {row_id}"):
            cursor.execute("UPDATE undo_created SET stays = true WHERE kind = %s AND id = %s", (kind, row_id))


def _tried(cursor: Any, statement: str) -> bool:
    """Whether the statement could be done; when a foreign key forbids it, nothing of it is."""
    cursor.execute("SAVEPOINT undo_unused")
    try:
        cursor.execute(statement)
    except (psycopg2.errors.ForeignKeyViolation, psycopg2.errors.RestrictViolation):
        cursor.execute("ROLLBACK TO SAVEPOINT undo_unused")
        return False
    cursor.execute("RELEASE SAVEPOINT undo_unused")
    return True


def _remove_quarantined(cursor: Any, values: dict[str, int]) -> int:
    """Delete the rows that the import put aside, and give back those of earlier imports; how many it had."""
    cursor.execute(
        """
        UPDATE sales_quarantined_rows q SET import_id = e.id, earlier_import_id = NULL FROM sales_imports e
        WHERE q.import_id = %(import)s AND e.id = q.earlier_import_id AND e.undone_at IS NULL AND q.state = 'open'
        """,
        values,
    )
    returned: int = cursor.rowcount
    cursor.execute(
        "UPDATE sales_quarantined_rows SET state = 'open', settled_import_id = NULL "
        "WHERE settled_import_id = %(import)s AND state = 'replayed'",
        values,
    )
    cursor.execute("DELETE FROM sales_quarantined_rows WHERE import_id = %(import)s", values)
    deleted: int = cursor.rowcount
    return deleted + returned


def _named(cursor: Any, query: str) -> list[str]:
    cursor.execute(f"{query} ORDER BY 1 LIMIT {NAMED}")
    return [name for (name,) in cursor.fetchall()]
