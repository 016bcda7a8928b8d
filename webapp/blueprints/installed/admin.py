"""The setting of the installed room in the administration."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l

from webapp.blueprints.installed.models import InstalledSetting
from webapp.core.admin import ReadOnlyModelView


class InstalledSettingAdmin(ReadOnlyModelView):
    """How the site is installed: looked at here, changed on its own page."""

    column_list = ("id", "enabled", "short_names", "shortcuts", "updated_at")
    column_labels: ClassVar[dict[str, Any]] = {
        "enabled": _l("The site can be installed and read off line"),
        "short_names": _l("Short names"),
        "shortcuts": _l("Shortcuts"),
        "updated_at": _l("Changed"),
    }


def admin_views() -> list[Any]:
    """The views of the room's models."""
    return [InstalledSettingAdmin(InstalledSetting, _l("The site as an app"))]
