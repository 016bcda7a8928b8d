"""What other rooms may use of the shopfront."""

from webapp.blueprints.shopfront.permissions import ShopfrontPermission

__all__ = ["ShopfrontPermission"]
