"""What the room watches for and remembers: marks on the time, rules of alerts, alerts with whom to tell, weekly reports."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Numeric, String, Text, func
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.db import Base, Editable, Numbered


class TimeMark(Numbered, Base):
    """Something that happened at a moment and may explain figures: a version that went live, or a note.

    `release` is the version of a `deploy`, each marked once, and "" of a `note`.
    """

    __tablename__ = "traffic_time_marks"
    __table_args__ = (
        CheckConstraint("kind IN ('deploy', 'note')", name="kind"),
        CheckConstraint("(kind = 'deploy') = (release <> '')", name="release"),
        Index("uq_traffic_time_marks_release", "release", unique=True, postgresql_where=sql("release <> ''")),
    )

    at: Mapped[dt.datetime] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(10))
    release: Mapped[str] = mapped_column(String(100), server_default=sql("''"))
    text: Mapped[str] = mapped_column(Text, server_default=sql("''"))
    author: Mapped[str] = mapped_column(String(200), server_default=sql("''"))
    user_id: Mapped[int | None]

    def __str__(self) -> str:
        return self.text or self.release


class AlertRule(Editable, Base):
    """When somebody is to be told. `threshold` is percent, seconds, attacks or days, by the `kind`; see `queries.alerts`.

    `name` "" is that of the kind. `receivers` are `role:<name>` and `person:<id>`. Between `quiet_from` and `quiet_until`,
    times of the company's zone, no mail leaves; neither within `pause_minutes` of the last one about this rule.
    """

    __tablename__ = "traffic_alert_rules"
    __table_args__ = (
        CheckConstraint("kind IN ('failures', 'drop', 'slow', 'attacker', 'certificate')", name="kind"),
        CheckConstraint("threshold > 0", name="threshold"),
        CheckConstraint("window_minutes BETWEEN 1 AND 1440", name="window"),
        CheckConstraint("(quiet_from IS NULL) = (quiet_until IS NULL)", name="quiet"),
    )
    counts_as_data = False

    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(120), server_default=sql("''"))
    threshold: Mapped[Decimal] = mapped_column(Numeric(12, 3))
    window_minutes: Mapped[int] = mapped_column(Integer, server_default=sql("15"))
    least: Mapped[int] = mapped_column(Integer, server_default=sql("0"))
    receivers: Mapped[list[str]] = mapped_column(ARRAY(String(60)), server_default=sql("'{}'"))
    quiet_from: Mapped[dt.time | None]
    quiet_until: Mapped[dt.time | None]
    pause_minutes: Mapped[int] = mapped_column(Integer, server_default=sql("60"))
    tell_end: Mapped[bool] = mapped_column(server_default=sql("true"))
    active: Mapped[bool] = mapped_column(server_default=sql("true"))

    def __str__(self) -> str:
        return self.name or self.kind


class AlertCheck(Base):
    """What the last look at a rule came to: the greatest figure, None without one, and what kept it from looking."""

    __tablename__ = "traffic_alert_checks"

    rule_id: Mapped[int] = mapped_column(ForeignKey("traffic_alert_rules.id", ondelete="CASCADE"), primary_key=True)
    checked_at: Mapped[dt.datetime]
    value: Mapped[Decimal | None] = mapped_column(Numeric(16, 3))
    problem: Mapped[str] = mapped_column(Text, server_default=sql("''"))


class Alert(Numbered, Base):
    """That a rule is met, about a `subject` (a network, a host, or "" for the site), from its opening to its end.

    `value` is the last figure that met the rule and `worst` the furthest; `figures` are those behind it.
    """

    __tablename__ = "traffic_alerts"
    __table_args__ = (
        Index("uq_traffic_alerts_open", "rule_id", "subject", unique=True, postgresql_where=sql("closed_at IS NULL")),
    )

    rule_id: Mapped[int] = mapped_column(ForeignKey("traffic_alert_rules.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(255), server_default=sql("''"))
    opened_at: Mapped[dt.datetime] = mapped_column(index=True)
    met_at: Mapped[dt.datetime]
    closed_at: Mapped[dt.datetime | None]
    threshold: Mapped[Decimal] = mapped_column(Numeric(12, 3))
    value: Mapped[Decimal] = mapped_column(Numeric(16, 3))
    worst: Mapped[Decimal] = mapped_column(Numeric(16, 3))
    figures: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=sql("'{}'"))

    rule: Mapped[AlertRule] = relationship(lazy="joined", innerjoin=True)

    def __str__(self) -> str:
        return self.kind


class AlertNotice(Base):
    """That somebody is to be told of an alert's opening or end; `mailed_at` None: not yet."""

    __tablename__ = "traffic_alert_notices"
    __table_args__ = (
        CheckConstraint("what IN ('opened', 'closed')", name="what"),
        Index("ix_traffic_alert_notices_waiting", "user_id", postgresql_where=sql("mailed_at IS NULL")),
    )

    alert_id: Mapped[int] = mapped_column(ForeignKey("traffic_alerts.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    what: Mapped[str] = mapped_column(String(10), primary_key=True)
    mailed_at: Mapped[dt.datetime | None]

    alert: Mapped[Alert] = relationship(lazy="joined", innerjoin=True)


class WeekReport(Base):
    """The figures of an ISO week as they were when it was over; `week` is its Monday."""

    __tablename__ = "traffic_week_reports"

    week: Mapped[dt.date] = mapped_column(primary_key=True)
    made_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    figures: Mapped[dict[str, Any]] = mapped_column(JSONB)


class ReportReaders(Editable, Base):
    """Who gets the weekly report by mail; one row, made by the migration. `receivers` as those of a rule of alerts."""

    __tablename__ = "traffic_report_readers"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)
    counts_as_data = False

    receivers: Mapped[list[str]] = mapped_column(ARRAY(String(60)), server_default=sql("'{}'"))
