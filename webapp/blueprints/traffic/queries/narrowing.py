"""What narrows hits: the filters that every panel and the list of lines share, each an argument of the address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, case, exists, extract, false, func, or_, select
from sqlalchemy.sql.expression import SQLColumnExpression

from webapp.blueprints.traffic.models import KINDS, Agent, Hit, Network, TrafficText, Visit, Visitor
from webapp.blueprints.traffic.queries.classes import CLASSES
from webapp.core.lists import Choice, DateRange, Filter, NumberRange
from webapp.core.lists.filters import Answer, Label, Question, Scope, literal_pattern

NONE = "-"  # written to find the hits that tell nothing of the kind
MOST_ID = 2**63
LONGEST = 200  # letters of an argument that are read
# what a page is not; by the end of the path, since nginx does not write the type of an answer
FILES = r"\.(css|js|mjs|map|json|xml|txt|png|jpe?g|gif|svg|webp|avif|ico|bmp|tiff?|woff2?|ttf|otf|eot|mp[34]|webm|ogg|wav|pdf|zip|gz|tgz|bz2|xz|7z|rar|exe|dmg|iso|csv|docx?|xlsx?|pptx?)$"
SITE = r"^https?://([^/:?#]+).*$"
ENGINES = {
    "Google": r"^(www\.)?google\.[a-z.]+$", "Bing": r"^(www\.|cn\.)?bing\.com$", "DuckDuckGo": r"^([a-z]+\.)?duckduckgo\.com$",
    "Yahoo": r"^([a-z]+\.)*search\.yahoo\.(com|co\.jp)$|^r\.search\.yahoo\.com$", "Yandex": r"^(www\.)?yandex\.[a-z.]+$",
    "Baidu": r"^(www|m)\.baidu\.com$", "Ecosia": r"^(www\.)?ecosia\.org$", "Qwant": r"^(www\.)?qwant\.com$",
    "Startpage": r"^(www\.)?startpage\.com$", "Brave": r"^search\.brave\.com$", "Kagi": r"^kagi\.com$",
    "Seznam": r"^search\.seznam\.cz$", "Naver": r"^search\.naver\.com$",
}  # fmt: skip
DEVICES = {
    "desktop": _l("Desktop"), "phone": _l("Phone"), "tablet": _l("Tablet"), "robot": _l("Robot"), "other": _l("Other"),
}  # fmt: skip
SEEN = {"one": _l("One page alone"), "more": _l("Several pages")}
CONTENTS = {"page": _l("Pages"), "file": _l("Files")}
WEEKDAYS = {
    1: _l("Monday"), 2: _l("Tuesday"), 3: _l("Wednesday"), 4: _l("Thursday"), 5: _l("Friday"), 6: _l("Saturday"),
    7: _l("Sunday"),
}  # fmt: skip


def ids_of(kind: str, *conditions: ColumnElement[bool]) -> Select[int]:
    """A query for the ids of the texts of a kind that meet the conditions."""
    return select(TrafficText.id).where(TrafficText.kind == KINDS[kind], *conditions)


def exact(text: str | None, number: int | None) -> str:
    """How an argument names a text exactly: as it is, or by its id where it would be cut, or taken for a pattern."""
    if text is None or number is None:
        return NONE
    plain = 0 < len(text) <= LONGEST and "*" not in text and text == text.strip() and text[0] not in "#-"
    return text if plain else f"#{number}"


def is_page() -> ColumnElement[bool]:
    """That a hit is a page view: somebody asked for a page, no picture or script of it, and got it."""
    return (
        Hit.path_id.in_(ids_of("path", TrafficText.text.op("!~*")(FILES)))
        & (Hit.method_id == ids_of("method", TrafficText.text == "GET").scalar_subquery())
        & (Hit.status.between(200, 299) | (Hit.status == 304))
    )


def is_file() -> ColumnElement[bool]:
    """That a hit asks for a picture, a script or the like, by the end of its path."""
    return Hit.path_id.in_(ids_of("path", TrafficText.text.op("~*")(FILES)))


def in_visit() -> ColumnElement[bool]:
    """That a hit is one of a visit."""
    same = (Hit.day == Visit.day) & (Hit.visitor == Visit.visitor)
    return same & Hit.at.between(Visit.started_at, Visit.ended_at)


def site_of(referrer: SQLColumnExpression[str]) -> SQLColumnExpression[str]:
    """The host of a referrer, "" of what is no address."""
    return case(
        (referrer.regexp_match(SITE, "i"), func.lower(func.regexp_replace(referrer, SITE, r"\1", "i"))), else_=""
    )


def engine_of(site: SQLColumnExpression[str]) -> SQLColumnExpression[str]:
    """The search engine that a host is, "" of others."""
    return case(*((site.regexp_match(pattern), name) for name, pattern in ENGINES.items()), else_="")


def campaign_of(query: SQLColumnExpression[str]) -> SQLColumnExpression[str | None]:
    """The campaign that a query is tagged with (`utm_campaign`, else `utm_source`) as written there; NULL: none."""
    return func.coalesce(
        func.substring(query, r"(?:^|&)utm_campaign=([^&]+)"), func.substring(query, r"(?:^|&)utm_source=([^&]+)")
    )


def device_of() -> SQLColumnExpression[str]:
    """The sort of device behind an agent."""
    return case(
        (Agent.device.in_(("Spider", "Spider Desktop", "Spider Smartphone")), "robot"),
        (Agent.device.regexp_match("ipad|tablet|kindle|tab ", "i"), "tablet"),
        (Agent.system.in_(("Android", "iOS", "Windows Phone", "BlackBerry OS", "KaiOS", "Symbian OS")), "phone"),
        (
            Agent.system.regexp_match("^(windows|mac os|linux|ubuntu|fedora|debian|chrome os|freebsd|openbsd)", "i"),
            "desktop",
        ),
        else_="other",
    )


@dataclass(frozen=True)
class _Single:
    """A filter of one argument."""

    name: str
    label: Label

    @property
    def names(self) -> tuple[str, ...]:
        """The arguments that it reads."""
        return (self.name,)


@dataclass(frozen=True)
class Told(_Single):
    """A text that hits share, exactly; `*` stands for anything where `pattern`. "-" finds those without one."""

    column: SQLColumnExpression[int | None]
    kind: str
    pattern: bool = False
    offered: bool = False

    def read(self, text: Callable[[str], str], scope: Scope) -> Iterator[Answer]:
        """The question with the condition that its present answer means. An exact text is looked up first, for the planner."""
        value = text(self.name)
        suggestions: tuple[str, ...] = ()
        if self.offered:
            known = select(TrafficText.text).where(TrafficText.kind == KINDS[self.kind])
            suggestions = tuple(scope.session.scalars(known.order_by(TrafficText.text).limit(100)))
        question = Question(self.name, self.label, "text", value, suggestions=suggestions)
        if not value:
            yield question, None
        elif value == NONE:
            yield question, self.column.is_(None)
        elif self.pattern and "*" in value:
            like = literal_pattern(value, "prefix")[:-1].replace("*", "%")
            yield question, self.column.in_(ids_of(self.kind, TrafficText.text.like(like, escape="\\")))
        else:
            found = _find(value, self.kind, scope)
            yield question, false() if found is None else self.column == found


@dataclass(frozen=True)
class OfVisit(_Single):
    """The hits of visits that began, or ended, with a path."""

    column: SQLColumnExpression[int | None]

    def read(self, text: Callable[[str], str], scope: Scope) -> Iterator[Answer]:
        """The question with the condition that its present answer means."""
        value = text(self.name)
        question = Question(self.name, self.label, "text", value)
        if not value:
            yield question, None
            return
        found = None if value == NONE else _find(value, "path", scope)
        named = self.column.is_(None) if value == NONE else self.column == found
        yield question, exists().where(in_visit(), named) if value == NONE or found is not None else false()


def _find(value: str, kind: str, scope: Scope) -> int | None:
    """The id of a text that an argument names exactly."""
    if value.startswith("#") and value[1:].isascii() and value[1:].isdecimal() and len(value) <= 10:
        return int(value[1:])
    return scope.session.scalar(ids_of(kind, TrafficText.text == value))


@dataclass(frozen=True)
class By(_Single):
    """A value that means a condition; `problem` is told of one that means none."""

    condition: Callable[[str, Scope], ColumnElement[bool] | None]
    choices: Mapping[str, Label] | None = None
    problem: Label = ""

    def read(self, text: Callable[[str], str], scope: Scope) -> Iterator[Answer]:
        """The question with the condition that its present answer means."""
        value = text(self.name)
        question = Question(
            self.name, self.label, "choice" if self.choices else "text", value, tuple((self.choices or {}).items())
        )
        if not value:
            yield question, None
            return
        condition = None if self.choices and value not in self.choices else self.condition(value, scope)
        if condition is None:
            question = replace(
                question, problem=str(self.problem) or gettext("“%(value)s” is none of the choices.", value=value)
            )
        yield question, condition


def _status(value: str, _scope: Scope) -> ColumnElement[bool] | None:
    """`404`, `4xx`, or `400-499`."""
    if len(value) == 3 and value.endswith("xx") and value[0] in "123459":
        return Hit.status.between(int(value[0]) * 100, int(value[0]) * 100 + 99)
    least, _dash, most = value.partition("-")
    if least.isdecimal() and len(least) <= 4 and (not most or (most.isdecimal() and len(most) <= 4)):
        return Hit.status.between(int(least), int(most or least))
    return None


def _of_agent(column: SQLColumnExpression[str]) -> Callable[[str, Scope], ColumnElement[bool] | None]:
    def condition(value: str, _scope: Scope) -> ColumnElement[bool]:
        if value == NONE:
            return Hit.agent_id.is_(None) | Hit.agent_id.in_(select(Agent.id).where(column == ""))
        return Hit.agent_id.in_(select(Agent.id).where(column == value))

    return condition


def _device(value: str, _scope: Scope) -> ColumnElement[bool]:
    found = Hit.agent_id.in_(select(Agent.id).where(device_of() == value))
    return found | Hit.agent_id.is_(None) if value == "other" else found


def _site(value: str, _scope: Scope) -> ColumnElement[bool]:
    return Hit.referrer_id.in_(ids_of("referrer", site_of(TrafficText.text) == value.lower()))


def _engine(value: str, _scope: Scope) -> ColumnElement[bool]:
    return Hit.referrer_id.in_(ids_of("referrer", engine_of(site_of(TrafficText.text)) == value))


def _campaign(value: str, _scope: Scope) -> ColumnElement[bool]:
    return Hit.query_id.in_(ids_of("query", campaign_of(TrafficText.text) == value))


def _kind(value: str, _scope: Scope) -> ColumnElement[bool]:
    same = (Visitor.day == Hit.day) & (Visitor.visitor == Hit.visitor)
    return ~exists().where(same) if value == "waiting" else exists().where(same, Visitor.kind == value)


def _country(value: str, _scope: Scope) -> ColumnElement[bool]:
    if value == NONE:
        return Hit.network_id.is_(None) | ~Hit.network_id.in_(select(Network.id).where(Network.country != ""))
    return Hit.network_id.in_(select(Network.id).where(Network.country == value.upper()))


def _content(value: str, _scope: Scope) -> ColumnElement[bool]:
    return is_page() if value == "page" else is_file()


def _words(value: str, _scope: Scope) -> ColumnElement[bool]:
    wanted = TrafficText.text.ilike(literal_pattern(value, "contains"), escape="\\")
    columns = {"path": Hit.path_id, "query": Hit.query_id, "referrer": Hit.referrer_id, "agent": Hit.agent_id}
    return or_(*(column.in_(ids_of(kind, wanted)) for kind, column in columns.items()))


def _number(value: str, _scope: Scope) -> ColumnElement[bool] | None:
    sign = value.removeprefix("-")
    known = sign.isascii() and sign.isdecimal() and len(sign) < 20 and -MOST_ID <= int(value) < MOST_ID
    return Hit.visitor == int(value) if known else None


def _moment(later: bool) -> Callable[[str, Scope], ColumnElement[bool] | None]:  # noqa: FBT001 - which end of the time
    def condition(value: str, scope: Scope) -> ColumnElement[bool] | None:
        try:
            moment = dt.datetime.fromisoformat(value)
        except ValueError:
            return None
        if not 1900 < moment.year < 2900:
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=scope.zone)
        day = moment.astimezone(scope.zone).date()
        slack = dt.timedelta(days=1)  # the day of a hit is local at the time of reading: the zone may have changed
        return (Hit.at < moment) & (Hit.day <= day + slack) if later else (Hit.at >= moment) & (Hit.day >= day - slack)

    return condition


def weekday_in(zone: ZoneInfo) -> SQLColumnExpression[int]:
    """The local weekday of a hit, Monday is 1."""
    return extract("isodow", func.timezone(zone.key, Hit.at))


def hour_in(zone: ZoneInfo) -> SQLColumnExpression[int]:
    """The local hour of a hit."""
    return extract("hour", func.timezone(zone.key, Hit.at))


def _seen(value: str, _scope: Scope) -> ColumnElement[bool]:
    return exists().where(in_visit(), Visit.pages == 1 if value == "one" else Visit.pages > 1)


DAYS = DateRange(_l("First day"), _l("Last day"), Hit.day)
MAIN: tuple[Filter, ...] = (
    Told("host", _l("Host"), Hit.host_id, "host", offered=True),
    Told("path", _l("Path, * for anything"), Hit.path_id, "path", pattern=True),
    By("status", _l("Status, such as 404 or 5xx"), _status, problem=_l("Write a status like 404 or 5xx.")),
    Told("method", _l("Method"), Hit.method_id, "method", offered=True),
    By("class", _l("Class"), _kind, CLASSES),
    By("country", _l("Country, such as IT"), _country),
    By("device", _l("Device"), _device, DEVICES),
)
MORE: tuple[Filter, ...] = (
    By("browser", _l("Browser"), _of_agent(Agent.browser)),
    By("system", _l("System"), _of_agent(Agent.system)),
    By("content", _l("Content"), _content, CONTENTS),
    Told("referrer", _l("Referrer"), Hit.referrer_id, "referrer", pattern=True),
    By("site", _l("Referring site"), _site),
    By("engine", _l("Search engine"), _engine),
    By("campaign", _l("Campaign"), _campaign),
    OfVisit("entry", _l("Visits that began with"), Visit.entry_id),
    OfVisit("exit", _l("Visits that ended with"), Visit.exit_id),
    By("seen", _l("Visits that saw"), _seen, SEEN),
    Told("agent", _l("User agent"), Hit.agent_id, "agent", pattern=True),
    Told("network", _l("Network"), Hit.network_id, "network"),
    By("visitor", _l("Visitor of a day"), _number, problem=_l("Write the number of a visitor.")),
    Told("protocol", _l("Protocol"), Hit.protocol_id, "protocol"),
    Told("cache", _l("Cache"), Hit.cache_id, "cache"),
    Choice("weekday", _l("Weekday"), weekday_in, WEEKDAYS),
    Choice("hour", _l("Hour of the day"), hour_in, {hour: f"{hour:02}" for hour in range(24)}),
    By("since", _l("Since"), _moment(later=False), problem=_l("Write a moment like 2026-11-21T14:05.")),
    By("until", _l("Before"), _moment(later=True), problem=_l("Write a moment like 2026-11-21T14:05.")),
    NumberRange("seconds", _l("Seconds, at least"), _l("Seconds, at most"), Hit.request_time),
    By("words", _l("Words in path, query, referrer or agent"), _words),
)
FILTERS: tuple[Filter, ...] = (DAYS, *MAIN, *MORE)
