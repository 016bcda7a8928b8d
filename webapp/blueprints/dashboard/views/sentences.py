"""The sentences that say what the charts show, for those who do not see them and those in a hurry."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.blueprints.dashboard.services.figures import Figures, amount, whole
from webapp.blueprints.dashboard.views import words
from webapp.blueprints.gold.public import GoldState, Grain, Row
from webapp.core.wording import money


def over_time(figures: Figures, grain: Grain) -> str:
    """The whole, the best and the worst period."""
    series = figures.over_time
    total = money(figures.total)
    if len(series) < 2:
        return str(_("Net revenue is %(total)s.", total=total))
    best, worst = max(series, key=lambda part: part[1]), min(series, key=lambda part: part[1])
    if best[1] == worst[1]:
        return str(_("Net revenue is the same in every period: %(each)s each.", each=money(best[1])))
    return str(
        _(
            "Net revenue is %(total)s in all. The highest: %(best)s with %(most)s. The lowest: %(worst)s with %(least)s.",
            total=total,
            best=words.period(best[0], grain),
            most=money(best[1]),
            worst=words.period(worst[0], grain),
            least=money(worst[1]),
        )
    )


def products(figures: Figures) -> str:
    """The leader and the weight of those shown."""
    rows = figures.products
    if not rows:
        return str(_("No products were sold."))
    sentences = [_leader(rows[0], "product")]
    if part := _part(rows, figures.total):
        sentences.append(
            ngettext(
                "The %(num)s product shown makes up %(part)s of net revenue.",
                "The %(num)s products shown make up %(part)s of net revenue.",
                len(rows),
                part=part,
            )
        )
    return " ".join(sentences)


def customers(figures: Figures) -> str:
    """The leader, the weight of those shown, and what nobody in particular bought."""
    rows = figures.known_customers
    sentences = [_leader(rows[0], "customer") if rows else str(_("No known customer ordered."))]
    if part := _part(rows, figures.total):
        sentences.append(
            ngettext(
                "The %(num)s customer shown makes up %(part)s of net revenue.",
                "The %(num)s customers shown make up %(part)s of net revenue.",
                len(rows),
                part=part,
            )
        )
    if figures.anonymous:
        sentences.append(_("Sales without a customer, %(amount)s, are not ranked.", amount=money(figures.anonymous)))
    return " ".join(sentences)


def countries(figures: Figures, state: GoldState) -> str:
    """The leader and how many there are."""
    rows = figures.countries
    if not rows:
        return str(_("No country has sales."))
    first = rows[0]
    name, most = words.country(str(first["country"]), state), amount(first["net_revenue"])
    sentence: str = _("%(name)s brings in the most: %(amount)s.", name=name, amount=money(most))
    if figures.total > 0 and 0 < most <= figures.total:
        part = words.share(most / figures.total)
        sentence = _(
            "%(name)s brings in the most: %(amount)s, %(part)s of net revenue.",
            name=name,
            amount=money(most),
            part=part,
        )
    count = ngettext("One country has sales.", "%(num)s countries have sales.", len(rows))
    return f"{sentence} {count}"


def hours(figures: Figures) -> str:
    """The best hour and the best weekday."""
    rows = figures.hours
    if not rows:
        return str(_("No orders came in."))
    best = max(rows, key=lambda row: amount(row["net_revenue"]))
    by_weekday: dict[int, Decimal] = defaultdict(Decimal)
    for row in rows:
        by_weekday[whole(row["weekday"])] += amount(row["net_revenue"])
    strongest = max(by_weekday, key=lambda number: by_weekday[number])
    hour = whole(best["hour"])
    return str(
        _(
            "The strongest hour is %(hour)s on %(day)s with %(amount)s; the strongest weekday is %(weekday)s with %(sum)s.",
            hour=f"{hour:02}:00–{hour:02}:59",  # noqa: RUF001
            day=words.weekday(whole(best["weekday"])),
            amount=money(amount(best["net_revenue"])),
            weekday=words.weekday(strongest),
            sum=money(by_weekday[strongest]),
        )
    )


def _leader(row: Row, what: str) -> str:
    return str(
        _(
            "%(name)s leads with %(amount)s.",
            name=str(row[f"{what}_name"] or row[what]),
            amount=money(amount(row["net_revenue"])),
        )
    )


def _part(rows: list[Row], total: Decimal) -> str:
    """What the rows weigh in the total, where that makes sense: negative amounts elsewhere can make it more than all."""
    part = sum((amount(row["net_revenue"]) for row in rows), Decimal(0))
    return words.share(part / total) if 0 < part <= total else ""
