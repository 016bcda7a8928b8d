"""Hits by what their texts mean: browsers, systems and devices, networks and countries, classes, sites, campaigns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.expression import SQLColumnExpression

from webapp.blueprints.traffic.models import (
    KINDS,
    Agent,
    BookDay,
    ClassifiedDay,
    Hit,
    Network,
    TrafficText,
    Visit,
    Visitor,
)
from webapp.blueprints.traffic.queries.figures import Within, of_visits, texts
from webapp.blueprints.traffic.queries.narrowing import campaign_of, device_of, engine_of, site_of
from webapp.blueprints.traffic.queries.tallies import sums_by


@dataclass(frozen=True)
class Group:
    """Hits of one meaning. `name` is "" where they tell none; `visits` began with it (of sites, engines and campaigns)."""

    name: str
    hits: int
    visitors: int
    bytes: int
    visits: int = 0


@dataclass(frozen=True)
class Agents:
    """What visitors came with."""

    browsers: list[Group]
    systems: list[Group]
    devices: list[Group]


@dataclass(frozen=True)
class Sources:
    """Where visitors came from: other sites, search engines among them, whole referrers with their ids."""

    sites: list[Group]
    engines: list[Group]
    referrers: list[tuple[int, Group]]


Counts = dict[int | None, tuple[int, int, int]]


def _by(session: Session, within: Within, column: SQLColumnExpression[int | None], kind: str) -> Counts:
    """Hits, visitors and bytes by a text that a visitor has one of: by the agent, or the network."""
    if not within.conditions:
        return {
            number or None: (counts["hits"], counts["visitors"], counts["bytes"])
            for number, counts in sums_by(session, within.first, within.last, kind)
        }
    each: Any = select(column.label("id"), func.count().label("hits"), func.sum(Hit.bytes).label("bytes"))
    inner = each.where(*within.where).group_by(column, Hit.day, Hit.visitor).subquery()
    query = select(inner.c.id, func.sum(inner.c.hits), func.count(), func.sum(inner.c.bytes)).group_by(inner.c.id)
    return {number: (int(hits), visitors, int(size)) for number, hits, visitors, size in session.execute(query)}


def _sum(counts: Counts, named: Callable[[int | None], str], top: int) -> list[Group]:
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for number, figures in counts.items():
        for place, figure in enumerate(figures):
            sums[named(number)][place] += figure
    groups = [Group(name, *figures) for name, figures in sums.items()]
    return sorted(groups, key=lambda group: (-group.hits, group.name))[:top]


def get_agents(session: Session, within: Within) -> Agents:
    """Browsers, systems and sorts of device."""
    counts = _by(session, within, Hit.agent_id, "agent")
    query = select(Agent.id, Agent.browser, Agent.system, device_of())
    known = {number: said for number, *said in session.execute(query) if number in counts}
    unknown = ["", "", "other"]

    def part(place: int) -> list[Group]:
        return _sum(counts, lambda number: known.get(number or 0, unknown)[place], within.top)

    return Agents(part(0), part(1), part(2))


def get_networks(session: Session, within: Within) -> tuple[list[Group], list[Group]]:
    """Networks and countries with the most hits; no countries where no file of them was given."""
    counts = _by(session, within, Hit.network_id, "network")
    top = sorted(counts, key=lambda number: -counts[number][0])[: within.top]
    said = texts(session, {number for number in top if number is not None})
    networks = [Group(said.get(number, ""), *counts[number]) for number in top]
    countries = {row[0]: row[1] for row in session.execute(select(Network.id, Network.country))}
    return networks, _sum(
        counts, lambda number: countries.get(number or 0, ""), max(within.top, 300)
    ) if countries else []


def list_kinds(session: Session, within: Within) -> list[Group]:
    """The classes of visitors; "" of those that were not looked at yet."""
    if within.conditions:
        return _sum_kinds(session.execute(_kinds_of_hits(within, *within.where)))
    # of days that are told apart, each visitor has their hits beside their class
    told = select(ClassifiedDay.day).where(ClassifiedDay.day == BookDay.day).exists()
    open_days = select(BookDay.day).where(BookDay.day.between(within.first, within.last), BookDay.hits > 0)
    days = session.scalars(open_days.where(~BookDay.derived | ~told).distinct()).all()
    known: Any = select(Visitor.kind, func.sum(Visitor.hits), func.count(), func.sum(Visitor.bytes))
    known = known.where(Visitor.day.between(within.first, within.last), Visitor.day.not_in(days)).group_by(Visitor.kind)
    rows = session.execute(known).all()
    if days:
        rows = [*rows, *session.execute(_kinds_of_hits(within, Hit.day.in_(days)))]
    return _sum_kinds(rows)


def count_visits(session: Session, within: Within) -> dict[str, int]:
    """The visits by the class of their visitors, "" of those that were not looked at yet."""
    kind = func.coalesce(Visitor.kind, "")
    same = (Visitor.day == Visit.day) & (Visitor.visitor == Visit.visitor)
    query = select(kind, func.count()).select_from(Visit).outerjoin(Visitor, same).where(*of_visits(within))
    return {row[0]: row[1] for row in session.execute(query.group_by(kind))}


def _kinds_of_hits(within: Within, *where: ColumnElement[bool]) -> Any:
    each = select(Hit.day, Hit.visitor, func.count().label("hits"), func.sum(Hit.bytes).label("bytes"))
    inner = each.where(*where).group_by(Hit.day, Hit.visitor).subquery()
    kind = func.coalesce(Visitor.kind, "")
    same = (Visitor.day == inner.c.day) & (Visitor.visitor == inner.c.visitor)
    return (
        select(kind, func.sum(inner.c.hits), func.count(), func.sum(inner.c.bytes))
        .select_from(inner)
        .outerjoin(Visitor, same & Visitor.day.between(within.first, within.last))
        .group_by(kind)
    )


def _sum_kinds(rows: Iterable[Any]) -> list[Group]:
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for name, *figures in rows:
        sums[name] = [one + int(other) for one, other in zip(sums[name], figures, strict=True)]
    groups = [Group(name, *figures) for name, figures in sums.items()]
    return sorted(groups, key=lambda group: (-group.hits, group.name))


def get_sources(session: Session, within: Within) -> Sources:
    """Sites that are not one's own, by their hits and by the visits that began there."""
    hits = _by_referrer(session, within)
    begun = _counts(session, select(Visit.referrer_id, func.count()).where(*of_visits(within)), Visit.referrer_id)
    hosts = set(session.scalars(select(func.lower(TrafficText.text)).where(TrafficText.kind == KINDS["host"])))
    site = site_of(TrafficText.text)
    query = select(TrafficText.id, TrafficText.text, site, engine_of(site)).where(TrafficText.kind == KINDS["referrer"])
    known = {
        number: (said, of, engine) for number, said, of, engine in session.execute(query) if of and of not in hosts
    }
    ours = [number for number in known if number in hits]
    top = sorted(ours, key=lambda number: -hits[number][0])[: within.top]
    return Sources(
        _named(((known[number][1], number) for number in ours), hits, begun, within.top),
        _named(((known[number][2], number) for number in ours if known[number][2]), hits, begun, within.top),
        [(number, _group(known[number][0], [number], hits, begun)) for number in top],
    )


def _by_referrer(session: Session, within: Within) -> dict[int, tuple[int, int]]:
    if within.conditions:
        query = select(Hit.referrer_id, func.count(), func.sum(Hit.bytes)).where(*within.where)
        return _counts(session, query, Hit.referrer_id)
    rows = sums_by(session, within.first, within.last, "referrer")
    return {number: (counts["hits"], counts["bytes"]) for number, counts in rows if number}


def list_campaigns(session: Session, within: Within) -> list[Group]:
    """Campaigns by their hits; visits are counted where a hit of them carried the tag."""
    tagged: Any = select(TrafficText.id, campaign_of(TrafficText.text).label("name"))
    tagged = tagged.where(TrafficText.kind == KINDS["query"], TrafficText.text.like("%utm\\_%", escape="\\"))
    each = tagged.subquery()
    inner = (
        select(each.c.name, Hit.day, Hit.visitor, func.count().label("hits"), func.sum(Hit.bytes).label("bytes"))
        .join(each, each.c.id == Hit.query_id)
        .where(*within.where, each.c.name.is_not(None))
        .group_by(each.c.name, Hit.day, Hit.visitor)
        .subquery()
    )
    query = select(inner.c.name, func.sum(inner.c.hits), func.count(), func.sum(inner.c.bytes)).group_by(inner.c.name)
    rows = session.execute(query.order_by(func.sum(inner.c.hits).desc(), inner.c.name).limit(within.top))
    return [Group(name, int(hits), visitors, int(size)) for name, hits, visitors, size in rows]


def _counts(session: Session, query: Any, by: SQLColumnExpression[int | None]) -> dict[int, tuple[int, int]]:
    return {
        row[0]: (row[1], int(row[2]) if len(row) > 2 else 0)
        for row in session.execute(query.group_by(by))
        if row[0] is not None
    }


def _named(
    names: Iterable[tuple[str, int]], hits: dict[int, tuple[int, int]], begun: dict[int, tuple[int, int]], top: int
) -> list[Group]:
    of: dict[str, list[int]] = defaultdict(list)
    for name, number in names:
        of[name].append(number)
    groups = [_group(name, numbers, hits, begun) for name, numbers in of.items()]
    return sorted(groups, key=lambda group: (-group.hits, group.name))[:top]


def _group(
    name: str, numbers: Iterable[int], hits: dict[int, tuple[int, int]], begun: dict[int, tuple[int, int]]
) -> Group:
    numbers = list(numbers)
    counted, size = (sum(hits[number][place] for number in numbers) for place in (0, 1))
    return Group(name, counted, 0, size, sum(begun.get(number, (0, 0))[0] for number in numbers))
