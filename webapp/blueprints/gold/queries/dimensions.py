"""By what the metrics can be split and filtered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from webapp.blueprints.catalogue.public import CataloguePermission
from webapp.blueprints.crm.public import CrmPermission


@dataclass(frozen=True)
class Dimension:
    """A way to split the metrics.

    `expression` is the SQL over `s`, and what is joined to it, that groups; where a `table` names its members, they are joined after the grouping on
    `member`, and `columns` are the answer's columns with the SQL over `d` behind each; else the key itself is the answer.
    `condition` filters by the values that the answer shows, bound as the array `:{key}`. `whole_orders`: all lines of an
    order share it, so that it can be told from orders as well as from lines. It names records read by `permissions`.
    """

    key: str
    label: LazyString
    expression: str
    condition: str
    join: str = ""
    table: str = ""
    member: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    whole_orders: bool = True
    permissions: tuple[str, ...] = ()


_ALL = (
    Dimension("country", _l("Country"), "s.country_key", "s.country_key = ANY(:country)"),
    Dimension(
        "category",
        _l("Category"),
        "coalesce(c.category, '')",
        "s.product_key IN (SELECT p.product_key FROM dim_product p WHERE p.category = ANY(:category))",
        join=" LEFT JOIN dim_product c ON c.product_key = s.product_key",
        whole_orders=False,
    ),
    Dimension(
        "product",
        _l("Product"),
        "s.product_key",
        "s.product_key IN (SELECT p.product_key FROM dim_product p WHERE p.sku = ANY(:product))",
        table="dim_product",
        member="product_key",
        columns={"product": "d.sku", "product_name": "d.name"},
        whole_orders=False,
        permissions=(CataloguePermission.PRODUCTS_READ,),
    ),
    Dimension(
        "customer",
        _l("Customer"),
        "s.customer_key",
        "s.customer_key IN (SELECT c.customer_key FROM dim_customer c WHERE c.number = ANY(:customer))",
        table="dim_customer",
        member="customer_key",
        columns={"customer": "d.number", "customer_name": "d.name"},
        permissions=(CrmPermission.CUSTOMERS_READ,),
    ),
    Dimension(
        "weekday",
        _l("Weekday"),
        "extract(isodow FROM s.date_key)::int",
        "extract(isodow FROM s.date_key)::int = ANY(:weekday)",
    ),
    Dimension("hour", _l("Hour"), "s.hour::int", "s.hour::int = ANY(:hour)"),
    Dimension("kind", _l("Kind"), "s.order_kind", "s.order_kind = ANY(:kind)"),
)

DIMENSIONS: Mapping[str, Dimension] = MappingProxyType({dimension.key: dimension for dimension in _ALL})
