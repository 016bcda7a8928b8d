"""The rights of the catalogue room."""

from enum import StrEnum


class CataloguePermission(StrEnum):
    """What may be done with products and categories."""

    PRODUCTS_READ = "catalogue:products:read"
    PRODUCTS_WRITE = "catalogue:products:write"
