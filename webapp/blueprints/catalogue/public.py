"""What other rooms may use of the catalogue."""

from webapp.blueprints.catalogue.models import Category, Product
from webapp.blueprints.catalogue.permissions import CataloguePermission

__all__ = ["CataloguePermission", "Category", "Product"]
