"""Images and galleries in the administration."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l

from webapp.blueprints.media.models import Gallery, GalleryPicture, SiteImage
from webapp.core.admin import KeyLoader, OwnerModelView, shortened

WORDS: dict[str, Any] = {
    "name": _l("Name"),
    "alt_it": _l("Alternative text in Italian"),
    "alt_en": _l("Alternative text in English"),
    "caption_it": _l("Caption in Italian"),
    "caption_en": _l("Caption in English"),
    "decorative": _l("Only decoration"),
    "credit": _l("Credit"),
    "collection": _l("Collection"),
    "width": _l("Width"),
    "height": _l("Height"),
    "byte_count": _l("Bytes"),
    "focal_x": _l("Focal point from the left"),
    "focal_y": _l("Focal point from the top"),
    "ready_at": _l("Renditions made"),
    "uploaded_by": _l("Uploaded by"),
    "gallery": _l("Gallery"),
    "image": _l("Image"),
    "place": _l("Place"),
}


class ImageAdmin(OwnerModelView):
    """Images; their files come and go on the pages of the room."""

    can_create = False
    can_delete = False
    column_list = ("id", "name", "collection", "width", "height", "byte_count", "ready_at")
    column_searchable_list = ("name", "collection", "alt_it", "alt_en")
    column_filters = ("name", "collection", "decorative")
    column_sortable_list = ("name", "byte_count")
    column_formatters: ClassVar[dict[str, Any]] = {"name": shortened}
    column_formatters_detail: ClassVar[dict[str, Any]] = {}
    column_formatters_export: ClassVar[dict[str, Any]] = {}
    form_columns = (
        "name",
        "alt_it",
        "alt_en",
        "decorative",
        "caption_it",
        "caption_en",
        "credit",
        "collection",
        "focal_x",
        "focal_y",
    )
    column_labels = WORDS


class GalleryAdmin(OwnerModelView):
    """Galleries."""

    column_list = ("id", "name", "updated_at")
    column_searchable_list = ("name",)
    column_sortable_list = ("name",)
    form_columns = ("name",)
    column_labels = WORDS


class GalleryPictureAdmin(OwnerModelView):
    """The images of galleries."""

    column_list = ("id", "gallery", "image", "place")
    column_sortable_list = ("place",)
    form_columns = ("gallery", "image", "place", "caption_it", "caption_en")
    form_ajax_refs: ClassVar[dict[str, Any]] = {
        "gallery": KeyLoader("gallery", Gallery, key="name", search=("name",)),
        "image": KeyLoader("image", SiteImage, key="sha256", search=("name", "sha256")),
    }
    column_labels = WORDS


def admin_views() -> list[Any]:
    """The views of the room's models."""
    return [
        ImageAdmin(SiteImage, _l("Images")),
        GalleryAdmin(Gallery, _l("Galleries")),
        GalleryPictureAdmin(GalleryPicture, _l("Images in galleries")),
    ]
