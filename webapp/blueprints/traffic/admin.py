"""What traffic keeps under numbers of its own, in the administration: only to look at. Its pages steer rules and alerts."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l

from webapp.blueprints.traffic.models import (
    Agent,
    Alert,
    AlertRule,
    Network,
    RecordChange,
    ReportReaders,
    Rule,
    TimeMark,
    TrafficFile,
    TrafficText,
    VaultReading,
)
from webapp.core.admin import FromDay, ReadOnlyModelView

LABELS: dict[str, Any] = {
    "action": _l("Action"),
    "active": _l("Active"),
    "actor": _l("Who"),
    "answered": _l("Only if answered"),
    "at": _l("At"),
    "author": _l("Author"),
    "browser": _l("Browser"),
    "browser_version": _l("Version of the browser"),
    "build": _l("File of countries"),
    "closed_at": _l("Ended"),
    "country": _l("Country"),
    "device": _l("Device"),
    "fields": _l("Fields"),
    "format": _l("Format"),
    "hits": _l("Hits"),
    "ignored": _l("Ignored"),
    "kind": _l("Kind"),
    "lines": _l("Lines"),
    "name": _l("Name"),
    "opened_at": _l("Opened"),
    "origin": _l("Origin"),
    "parsed": _l("Parsed"),
    "path": _l("Path"),
    "pattern": _l("Pattern"),
    "position": _l("Position"),
    "read_at": _l("Read"),
    "receivers": _l("Receivers"),
    "record": _l("Record"),
    "record_id": _l("Number"),
    "rejected": _l("Rejected"),
    "release": _l("Version"),
    "request_id": _l("Request"),
    "rule_id": _l("Rule"),
    "seen": _l("Last seen"),
    "subject": _l("Subject"),
    "system": _l("System"),
    "text": _l("Text"),
    "threshold": _l("Threshold"),
    "value": _l("Value"),
    "what": _l("What"),
    "window_minutes": _l("Minutes"),
    "worst": _l("Worst"),
}


class TrafficAdmin(ReadOnlyModelView):
    """What all views of the room have in common."""

    column_labels: ClassVar[dict[str, Any]] = LABELS


class FileAdmin(TrafficAdmin):
    """The logs and their books."""

    column_list = ("id", "path", "format", "lines", "parsed", "rejected", "ignored", "hits", "read_at")
    column_details_exclude_list = ("head", "tail")
    column_searchable_list = ("path",)
    column_filters = ("path", "format", FromDay(TrafficFile.read_at, _l("Read")))


class TextAdmin(TrafficAdmin):
    """The texts that lines share."""

    column_list = ("id", "kind", "text", "seen")
    column_details_exclude_list = ("digest",)
    column_searchable_list = ("text",)
    column_filters = ("kind",)


class AgentAdmin(TrafficAdmin):
    """What the names of browsers say."""

    column_list = ("id", "browser", "browser_version", "system", "device")
    column_filters = ("browser", "system", "device")


class NetworkAdmin(TrafficAdmin):
    """The countries of networks."""

    column_list = ("id", "country", "build")
    column_filters = ("country",)


class VaultReadingAdmin(TrafficAdmin):
    """Who read the vault."""

    column_list = ("id", "read_at", "actor", "what")
    column_filters = ("actor", FromDay(VaultReading.read_at, _l("Read")))


class RuleAdmin(TrafficAdmin):
    """The rules that tell classes of visitors."""

    column_list = ("id", "position", "name", "kind", "subject", "pattern", "answered", "active", "origin")
    column_searchable_list = ("name", "pattern")
    column_filters = ("kind", "subject", "active")


class RecordChangeAdmin(TrafficAdmin):
    """Which records which requests changed."""

    column_list = ("id", "at", "request_id", "action", "record", "record_id", "fields")
    column_filters = ("request_id", "action", "record", "record_id", FromDay(RecordChange.at, _l("At")))


class TimeMarkAdmin(TrafficAdmin):
    """The marks on time charts."""

    column_list = ("id", "at", "kind", "release", "text", "author")
    column_searchable_list = ("text", "release")
    column_filters = ("kind", FromDay(TimeMark.at, _l("At")))


class AlertRuleAdmin(TrafficAdmin):
    """The rules of alerts."""

    column_list = ("id", "kind", "name", "threshold", "window_minutes", "receivers", "active")
    column_filters = ("kind", "active")


class AlertAdmin(TrafficAdmin):
    """The alerts."""

    column_list = ("id", "rule_id", "kind", "subject", "opened_at", "closed_at", "threshold", "value", "worst")
    column_filters = ("rule_id", "kind", "subject", FromDay(Alert.opened_at, _l("Opened")))


class ReportReadersAdmin(TrafficAdmin):
    """Who gets the weekly report."""

    column_list = ("id", "receivers", "updated_at")


def admin_views() -> list[Any]:
    """The views of the room's models."""
    return [
        FileAdmin(TrafficFile, _l("Files")),
        TextAdmin(TrafficText, _l("Texts")),
        AgentAdmin(Agent, _l("Browsers")),
        NetworkAdmin(Network, _l("Networks")),
        VaultReadingAdmin(VaultReading, _l("Readings of the vault")),
        RuleAdmin(Rule, _l("Rules of classes")),
        RecordChangeAdmin(RecordChange, _l("Changes in requests")),
        TimeMarkAdmin(TimeMark, _l("Marks")),
        AlertRuleAdmin(AlertRule, _l("Rules of alerts")),
        AlertAdmin(Alert, _l("Alerts")),
        ReportReadersAdmin(ReportReaders, _l("Readers of the weekly report")),
    ]
