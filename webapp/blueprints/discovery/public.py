"""What other rooms may use of discovery: the index is kept up to date by itself, and moves are announced, so nothing but rights."""

from webapp.blueprints.discovery.permissions import DiscoveryPermission

__all__ = ["DiscoveryPermission"]
