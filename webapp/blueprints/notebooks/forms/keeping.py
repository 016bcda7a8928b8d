"""The forms of what is kept: images, homes, timetables and shared files."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, IntegerField, SelectField, SelectMultipleField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.blueprints.notebooks.models import Notebook
from webapp.core.forms import AmountField, CleanField, RecordForm, choices_of, clean

POLICIES = {
    "missing": _l("when the engine does not have it"),
    "always": _l("before each start"),
    "never": _l("never: it is built or brought by hand"),
}
DAYS = {
    "1": _l("Monday"),
    "2": _l("Tuesday"),
    "3": _l("Wednesday"),
    "4": _l("Thursday"),
    "5": _l("Friday"),
    "6": _l("Saturday"),
    "7": _l("Sunday"),
}


class ImageForm(RecordForm):
    """An image of the list; its resources are what a new notebook is offered."""

    name = CleanField(_l("Name"), [DataRequired(), Length(max=80)])
    reference = CleanField(_l("Image, as the engine names it"), [DataRequired(), Length(max=300)])
    description = TextAreaField(_l("Description"), [Length(max=2000)], filters=[clean])
    pull_policy = SelectField(_l("Fetched from its registry"), choices=choices_of(POLICIES), default="missing")
    cpus = AmountField(_l("Processor cores"), [InputRequired()], places=2, default=1)
    memory_mb = IntegerField(_l("Memory (MB)"), [InputRequired(), NumberRange(64, 2**31)], default=1024)
    pids = IntegerField(_l("Processes at once"), [InputRequired(), NumberRange(16, 4096)], default=256)
    disk_mb = IntegerField(_l("Room in the home (MB)"), [InputRequired(), NumberRange(16, 2**31)], default=2048)
    port = IntegerField(_l("Port of the server inside"), [InputRequired(), NumberRange(1024, 65535)], default=8888)
    health_path = CleanField(_l("Address that answers once it is ready"), [DataRequired(), Length(max=200)], default="/api")  # fmt: skip
    home_path = CleanField(_l("Folder of the home"), [DataRequired(), Length(max=200)], default="/home/analyst")
    open = BooleanField(_l("Offered: notebooks may start from it"), default=True)

    def values(self) -> dict[str, Any]:
        """What was typed, as the services take it."""
        return {field.short_name: field.data for field in self.own_fields()} | {"open": bool(self.open.data)}


class BuildForm(RecordForm):
    """The version of the image that the project ships."""

    tag = CleanField(_l("Version"), [DataRequired(), Length(max=128)], default="1.0")


class CloneForm(RecordForm):
    """The copy of a notebook: its name, and its short name if it matters."""

    name = CleanField(_l("Name of the copy"), [DataRequired(), Length(max=120)])
    slug = CleanField(_l("Short name"), [Length(max=40)])


class SharedFileForm(RecordForm):
    """A file that all notebooks of a project shall read."""

    file = FileField(_l("File"), [FileRequired(_l("Choose a file."))])


class TimetableForm(RecordForm):
    """On which days a notebook starts and stops by itself, and when."""

    days = SelectMultipleField(
        _l("Days"),
        [Optional()],
        choices=choices_of(DAYS),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    start = CleanField(_l("Starts at"), [Length(max=5)])
    stop = CleanField(_l("Stops at"), [Length(max=5)])

    @classmethod
    def of(cls, stored: Notebook, **more: Any) -> TimetableForm:
        """The form of a stored notebook's timetable."""
        table = stored.timetable or {}
        days = [str(day) for day in table.get("days", ())]
        data = {"days": days, "start": table.get("start", ""), "stop": table.get("stop", ""), "version": stored.version}
        return cls(data=data, **more)
