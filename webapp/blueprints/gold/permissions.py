"""The rights of the gold room."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l


class GoldPermission(StrEnum):
    """What may be done with the refined figures."""

    METRICS_READ = "gold:metrics:read"
    RUNS_READ = "gold:runs:read"


TITLES = {
    GoldPermission.METRICS_READ: _l("See the figures of the business, as far as all records behind them may be seen"),
    GoldPermission.RUNS_READ: _l("See how fresh the figures are"),
}
