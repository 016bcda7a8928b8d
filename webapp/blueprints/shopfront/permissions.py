"""The rights of the shopfront room."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l


class ShopfrontPermission(StrEnum):
    """What may be done with the products on the public site."""

    GOODS_READ = "shopfront:goods:read"
    GOODS_WRITE = "shopfront:goods:write"


TITLES = {
    ShopfrontPermission.GOODS_READ: _l("See how products stand on the public site"),
    ShopfrontPermission.GOODS_WRITE: _l("Show, hide, describe and order products on the public site"),
}
