"""The rights of the sales room."""

from enum import StrEnum


class SalesPermission(StrEnum):
    """What may be done with orders and imports."""

    ORDERS_READ = "sales:orders:read"
    ORDERS_WRITE = "sales:orders:write"
    IMPORTS_READ = "sales:imports:read"
    IMPORTS_WRITE = "sales:imports:write"
