"""The metrics of the business: each defined once, over the sale lines and, where that is exact, over the rolled-up tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from webapp.blueprints.crm.public import CrmPermission
from webapp.blueprints.sales.public import SalesPermission


class Unit(StrEnum):
    """What a metric's figures are: the company's currency, whole things, measured quantities, or a share of one."""

    MONEY = "money"
    COUNT = "count"
    QUANTITY = "quantity"
    RATE = "rate"


@dataclass(frozen=True)
class Metric:
    """A figure of the business.

    `expression` is SQL over `s`: the sale lines, or the orders that they make up (the sums of their lines under the same
    column names), with the same result. `rollup` is the same figure over `agg_sales_*`, None where those cannot tell it.
    `additive`: the figures of the parts of a period add up to the figure of the whole. It is made of records that are
    read by `permissions`: whoever sees a part of those must not learn the sum of all.
    """

    key: str
    label: LazyString
    definition: LazyString
    unit: Unit
    expression: str
    rollup: str | None
    additive: bool = False
    more_is_better: bool = True
    permissions: tuple[str, ...] = (SalesPermission.ORDERS_READ,)


_NET = "coalesce(sum(s.net), 0.0000)"
_ORDERS = "count(DISTINCT s.order_key)"
_CANCELLATIONS = "count(DISTINCT s.order_key) FILTER (WHERE s.order_kind = 'cancellation')"
_ROLLED_NET = "coalesce(sum(s.net), 0.0000)"
_ROLLED_ORDERS = "coalesce(sum(s.orders), 0)::bigint"
_ROLLED_CANCELLATIONS = "coalesce(sum(s.cancellations), 0)"


def _ratio(part: str, whole: str) -> str:
    """Four decimals, half up; nothing where the whole is nothing."""
    return f"round(({part})::numeric / nullif({whole}, 0), 4)"


_ALL = (
    Metric(
        key="net_revenue",
        label=_l("Net revenue"),
        definition=_l(
            "The sum of all order lines net of VAT, after discounts. Cancellations and returns count as negative amounts."
        ),
        unit=Unit.MONEY,
        expression=_NET,
        rollup=_ROLLED_NET,
        additive=True,
    ),
    Metric(
        key="orders",
        label=_l("Orders"),
        definition=_l("The number of order documents as they are numbered: sales, cancellations and returns."),
        unit=Unit.COUNT,
        expression=_ORDERS,
        rollup=_ROLLED_ORDERS,
        additive=True,
    ),
    Metric(
        key="units",
        label=_l("Units"),
        definition=_l("The sum of the quantities of all order lines. What is cancelled or returned is subtracted."),
        unit=Unit.QUANTITY,
        expression="coalesce(sum(s.quantity), 0.000)",
        rollup="coalesce(sum(s.units), 0.000)",
        additive=True,
    ),
    Metric(
        key="average_order_value",
        label=_l("Average order value"),
        definition=_l("Net revenue divided by the number of orders."),
        unit=Unit.MONEY,
        expression=_ratio(_NET, _ORDERS),
        rollup=_ratio(_ROLLED_NET, _ROLLED_ORDERS),
    ),
    Metric(
        key="active_customers",
        label=_l("Active customers"),
        definition=_l("How many different customers have at least one order. Anonymous sales belong to no customer."),
        unit=Unit.COUNT,
        expression="count(DISTINCT s.customer_key) FILTER (WHERE s.customer_key <> 0)",
        rollup=None,
        permissions=(SalesPermission.ORDERS_READ, CrmPermission.CUSTOMERS_READ),
    ),
    Metric(
        key="cancellation_rate",
        label=_l("Cancellation rate"),
        definition=_l("The share of the orders that are cancellations."),
        unit=Unit.RATE,
        expression=_ratio(_CANCELLATIONS, _ORDERS),
        rollup=_ratio(_ROLLED_CANCELLATIONS, _ROLLED_ORDERS),
        more_is_better=False,
    ),
)

METRICS: Mapping[str, Metric] = MappingProxyType({metric.key: metric for metric in _ALL})
