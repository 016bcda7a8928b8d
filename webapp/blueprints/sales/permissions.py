"""The rights of the sales room."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l


class SalesPermission(StrEnum):
    """What may be done with orders and imports."""

    ORDERS_READ = "sales:orders:read"
    ORDERS_WRITE = "sales:orders:write"
    ORDERS_ASSIGN = "sales:orders:assign"
    IMPORTS_READ = "sales:imports:read"
    IMPORTS_WRITE = "sales:imports:write"


ORDERS = frozenset({SalesPermission.ORDERS_READ, SalesPermission.ORDERS_WRITE, SalesPermission.ORDERS_ASSIGN})
TITLES = {
    SalesPermission.ORDERS_READ: _l("See orders"),
    SalesPermission.ORDERS_WRITE: _l("Create, change and delete orders"),
    SalesPermission.ORDERS_ASSIGN: _l("Hand orders over to another person or group"),
    SalesPermission.IMPORTS_READ: _l("See imported files and rows put aside"),
    SalesPermission.IMPORTS_WRITE: _l("Import files of orders, undo imports, correct rows"),
}
