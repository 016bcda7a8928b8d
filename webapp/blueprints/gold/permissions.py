"""The rights of the gold room."""

from enum import StrEnum


class GoldPermission(StrEnum):
    """What may be done with the refined figures."""

    METRICS_READ = "gold:metrics:read"
    RUNS_READ = "gold:runs:read"
