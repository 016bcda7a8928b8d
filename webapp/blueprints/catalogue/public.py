"""What other rooms may use of the catalogue."""

from webapp.blueprints.catalogue.models import Category, Product

__all__ = ["Category", "Product"]
