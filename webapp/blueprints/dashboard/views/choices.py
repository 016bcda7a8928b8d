"""What the selects of the filter form offer."""

from __future__ import annotations

from flask_babel import gettext as _

from webapp.blueprints.dashboard.forms import FREE
from webapp.blueprints.dashboard.services.ranges import Preset
from webapp.blueprints.gold.public import Grain


def range_choices() -> list[tuple[str, str]]:
    """The ranges with their names."""
    names = {
        Preset.TODAY: _("Today"),
        Preset.YESTERDAY: _("Yesterday"),
        Preset.LAST_7_DAYS: _("Last 7 days"),
        Preset.LAST_30_DAYS: _("Last 30 days"),
        Preset.THIS_MONTH: _("This month"),
        Preset.LAST_MONTH: _("Last month"),
        Preset.THIS_QUARTER: _("This quarter"),
        Preset.THIS_YEAR: _("This year"),
        Preset.LAST_12_MONTHS: _("Last 12 months"),
        Preset.LATEST: _("Latest 12 months with data"),
        Preset.ALL: _("All data"),
    }
    return [*((preset.value, names[preset]) for preset in Preset), (FREE, _("Free dates"))]


def grain_choices() -> list[tuple[str, str]]:
    """The lengths of the periods with their names; the first one follows the range."""
    names = {
        Grain.DAY: _("Day"),
        Grain.WEEK: _("Week"),
        Grain.MONTH: _("Month"),
        Grain.QUARTER: _("Quarter"),
        Grain.YEAR: _("Year"),
    }
    return [("", _("Automatic")), *((grain.value, names[grain]) for grain in Grain)]
