"""The rights of the catalogue room."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l


class CataloguePermission(StrEnum):
    """What may be done with products and categories, and with what products cost the company."""

    PRODUCTS_READ = "catalogue:products:read"
    PRODUCTS_WRITE = "catalogue:products:write"
    COSTS_READ = "catalogue:costs:read"
    COSTS_WRITE = "catalogue:costs:write"


TITLES = {
    CataloguePermission.PRODUCTS_READ: _l("See products and categories"),
    CataloguePermission.PRODUCTS_WRITE: _l("Create, change and delete products and categories"),
    CataloguePermission.COSTS_READ: _l("See what products cost the company"),
    CataloguePermission.COSTS_WRITE: _l("Change what products cost the company"),
}
