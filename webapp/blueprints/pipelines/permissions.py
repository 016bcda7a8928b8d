"""The rights of the pipelines room."""

from enum import StrEnum


class PipelinesPermission(StrEnum):
    """What may be done with the flows that refine the rooms' records into GOLD."""

    READ = "pipelines:flows:read"
    RUN = "pipelines:flows:run"
