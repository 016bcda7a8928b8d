"""The demo company's two years of sales, made up day by day and brought in the way that any sales file is."""

from __future__ import annotations

import csv
import datetime as dt
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from pathlib import Path
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from webapp.blueprints.catalogue.public import Product
from webapp.blueprints.crm.public import Customer, CustomerKind
from webapp.blueprints.sales.services.import_mapping import load_mapping
from webapp.blueprints.sales.services.importing import import_sales
from webapp.core.clock import local_day, utc_now
from webapp.core.company import get_company
from webapp.core.security import SYSTEM

SEED = 1974
ORDERS_A_DAY = 8.4
GROWTH_A_YEAR = 0.14
HEADER = (
    "order", "date", "sku", "description", "category", "quantity", "price", "customer", "customer_name", "country",
    "discount",
)  # fmt: skip
MONTHS = (0.68, 0.72, 0.88, 1.02, 1.08, 0.98, 0.94, 1.16, 1.02, 0.92, 1.18, 1.95)
WEEKDAYS = (0.62, 0.92, 0.96, 1.0, 1.18, 1.62, 0.55)
HOURS = {9: 4, 10: 9, 11: 12, 12: 8, 13: 2, 15: 4, 16: 9, 17: 13, 18: 14, 19: 7, 20: 2, 21: 3, 22: 2}
# what is sold in some months only, and how much more than its share
SEASONS = {
    "Panone": {11: 5, 12: 9}, "Torrone": {11: 3, 12: 6}, "Presepe": {11: 2, 12: 4}, "Cotechino": {12: 7, 1: 3},
    "Colomba": {3: 7, 4: 7}, "Olio nuovo": {11: 8, 12: 5}, "Panspeziale": {12: 5}, "Albana passita": {11: 2, 12: 3},
}  # fmt: skip
ANONYMOUS, PEOPLE = 0.36, 0.78  # up to the first a sale over the counter, up to the second a person, else a firm
CANCELLED, RETURNED = 0.022, 0.024
PAST_PRICE = Decimal("0.96")


@dataclass(frozen=True)
class Line:
    """A line of an order that was made up."""

    product: Product
    quantity: int
    price: Decimal
    discount: int


def load_demo(session: Session) -> None:
    """Make up the orders of the two years up to this moment and import them."""
    zone = get_company(session).zone
    products = session.scalars(select(Product).options(joinedload(Product.category)).order_by(Product.sku)).all()
    customers = session.scalars(select(Customer).order_by(Customer.number)).all()
    now = utc_now().astimezone(zone)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bottega-manfredi.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(HEADER)
            writer.writerows(Shop(products, customers, SEED).rows(local_day(utc_now(), zone), now))
        import_sales(session, path=path, mapping=load_mapping("demo"), by=SYSTEM)


class Shop:
    """Makes up sales: the same ones for the same goods, customers, seed and day."""

    def __init__(self, products: Sequence[Product], customers: Sequence[Customer], seed: int) -> None:
        self.dice = Random(seed)  # noqa: S311 - made-up sales guard nothing
        self.products = products
        self.people = _by_favour(self.dice, [each for each in customers if each.kind == CustomerKind.PERSON])
        self.firms = _by_favour(self.dice, [each for each in customers if each.kind == CustomerKind.ORGANISATION])
        self.favour = [self.dice.paretovariate(1.6) / float(product.price) ** 0.35 for product in products]
        self.baskets = {month: list(accumulate(self._weights(month))) for month in range(1, 13)}

    def rows(self, today: dt.date, until: dt.datetime) -> Iterator[tuple[object, ...]]:
        """The lines of all orders from two years before `today` (the first of that month) until a moment of it."""
        first = today.replace(year=today.year - 2, day=1)
        number = 0
        for day in (first + dt.timedelta(days) for days in range((today - first).days + 1)):
            growth = 1 + GROWTH_A_YEAR * (day - first).days / 365
            rate = ORDERS_A_DAY * growth * MONTHS[day.month - 1] * WEEKDAYS[day.weekday()]
            wanted = max(0, round(self.dice.gauss(rate, rate**0.5)))
            for moment in sorted(self._moment(day, until.tzinfo) for _ in range(wanted)):
                number += 1
                order = list(self._order(f"{day:%y}-{number:05d}", moment, today))
                if moment < until:
                    yield from order

    def _order(self, number: str, moment: dt.datetime, today: dt.date) -> Iterator[tuple[object, ...]]:
        draw = self.dice.random()
        customer = None
        if draw > PEOPLE and self.firms:
            customer, lines = (
                self._pick(self.firms),
                self._lines(moment, today, (2, 8), (3, 6, 6, 12, 12, 24), (5, 10, 10, 15)),
            )
        elif draw > ANONYMOUS and self.people:
            customer, lines = (
                self._pick(self.people),
                self._lines(moment, today, (1, 4), (1, 1, 1, 2, 2, 3), (0, 0, 0, 0, 5)),
            )
        else:
            lines = self._lines(moment, today, (1, 3), (1, 1, 1, 2), (0,))
        yield from _written(number, moment, customer, lines)
        after = moment + dt.timedelta(days=self.dice.randint(1, 12), minutes=self.dice.randint(0, 90))
        fate = self.dice.random()
        if after.date() >= today:
            return
        if fate < CANCELLED:
            yield from _written(f"S{number}", after, customer, _taken_back(lines))
        elif fate < CANCELLED + RETURNED:
            yield from _written(f"R{number}", after, customer, _taken_back(lines[:1]))

    def _lines(
        self,
        moment: dt.datetime,
        today: dt.date,
        size: tuple[int, int],
        amounts: Sequence[int],
        discounts: Sequence[int],
    ) -> list[Line]:
        basket = self.dice.choices(self.products, cum_weights=self.baskets[moment.month], k=self.dice.randint(*size))
        discount = self.dice.choice(discounts)
        past = (today - moment.date()).days > 365
        return [
            Line(
                product=product,
                quantity=self.dice.choice(amounts) if product.price < 60 else self.dice.choice(amounts[:2]),
                price=(product.price * PAST_PRICE).quantize(Decimal("0.1")) if past else product.price,
                discount=discount,
            )
            for product in {product.sku: product for product in basket}.values()
        ]

    def _pick(self, crowd: tuple[Sequence[Customer], Sequence[float]]) -> Customer:
        return self.dice.choices(crowd[0], cum_weights=crowd[1])[0]

    def _moment(self, day: dt.date, zone: dt.tzinfo | None) -> dt.datetime:
        hour = self.dice.choices(list(HOURS), list(HOURS.values()))[0]
        return dt.datetime.combine(day, dt.time(hour, self.dice.randrange(60)), zone)

    def _weights(self, month: int) -> Iterator[float]:
        for product, favour in zip(self.products, self.favour, strict=True):
            seasons = [months for word, months in SEASONS.items() if product.name.startswith(word)]
            yield favour * (seasons[0].get(month, 0) if seasons else 1)


def _by_favour(dice: Random, customers: Sequence[Customer]) -> tuple[Sequence[Customer], Sequence[float]]:
    """The customers with the running sum of how often they come: few come often, many seldom."""
    return customers, list(accumulate(dice.paretovariate(1.3) for _ in customers))


def _taken_back(lines: Sequence[Line]) -> list[Line]:
    return [Line(line.product, -line.quantity, line.price, line.discount) for line in lines]


def _written(
    number: str, moment: dt.datetime, customer: Customer | None, lines: Sequence[Line]
) -> Iterator[tuple[object, ...]]:
    for line in lines:
        yield (
            number,
            moment.isoformat(timespec="minutes"),
            line.product.sku,
            line.product.name,
            line.product.category.name if line.product.category else "",
            line.quantity,
            line.price,
            customer.number if customer else "",
            customer.name if customer else "",
            customer.country if customer else "Italia",
            line.discount,
        )
