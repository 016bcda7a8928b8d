"""What the traffic room keeps."""

from webapp.blueprints.traffic.models.changes import RecordChange
from webapp.blueprints.traffic.models.lines import (
    BY_DAY,
    HIT_TEXTS,
    KINDS,
    MILLISECONDS,
    TALLIES,
    Agent,
    BookDay,
    ClassifiedDay,
    DayKey,
    Hit,
    Mark,
    Network,
    Part,
    RejectedLine,
    Rule,
    Tally,
    TrafficFile,
    TrafficText,
    Trouble,
    VaultAddress,
    VaultReading,
    Visit,
    Visitor,
)
from webapp.blueprints.traffic.models.watching import (
    Alert,
    AlertCheck,
    AlertNotice,
    AlertRule,
    ReportReaders,
    TimeMark,
    WeekReport,
)

__all__ = [
    "BY_DAY", "HIT_TEXTS", "KINDS", "MILLISECONDS", "TALLIES", "Agent", "Alert", "AlertCheck", "AlertNotice",
    "AlertRule", "BookDay", "ClassifiedDay", "DayKey", "Hit", "Mark", "Network", "Part", "RecordChange",
    "RejectedLine", "ReportReaders", "Rule", "Tally", "TimeMark", "TrafficFile", "TrafficText", "Trouble",
    "VaultAddress", "VaultReading", "Visit", "Visitor", "WeekReport",
]  # fmt: skip
