"""What other rooms may use of media: find images, and have them drawn for the demo company."""

from __future__ import annotations

from webapp.blueprints.media.models import SiteImage
from webapp.blueprints.media.permissions import MediaPermission
from webapp.blueprints.media.ports import MayKeep
from webapp.blueprints.media.queries import collection_names, find_image, find_images, list_without_alternative
from webapp.blueprints.media.services.demo_pictures import demo_goods, demo_picture

__all__ = [
    "MayKeep",
    "MediaPermission",
    "SiteImage",
    "collection_names",
    "demo_goods",
    "demo_picture",
    "find_image",
    "find_images",
    "list_without_alternative",
]
