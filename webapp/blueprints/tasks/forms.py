"""The form of a schedule: what is to be done with which arguments, and when, without knowing cron."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

from babel.dates import get_day_names
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, IntegerField, RadioField, SelectField
from wtforms.validators import DataRequired, Length
from wtforms.widgets import TextInput

from webapp.blueprints.tasks.models import Missed, Schedule
from webapp.blueprints.tasks.services.cron import LAST_DAY, CronWrong, Rhythm, check_cron, rhythm_of
from webapp.blueprints.tasks.services.schedules import ARGUMENT
from webapp.core.forms import CleanField, RecordForm, choices_of
from webapp.core.jobs import Argument, TaskKind

LINE = "line"
OFTEN = {
    "hourly": _l("Every hour"),
    "daily": _l("Every day"),
    "weekdays": _l("From Monday to Friday"),
    "weekly": _l("Once a week"),
    "monthly": _l("Once a month"),
    LINE: _l("Something else: write a cron line"),
}
POLICIES = {
    Missed.SKIP.value: _l("Leave it out, and tell me. The next time comes as usual."),
    Missed.ONCE.value: _l("Make it up once, as soon as Bottega runs again, however many times passed."),
    Missed.ALL.value: _l("Make up every time that passed, at most the last 100."),
}
MOST_DIGITS = 18
DAYS = tuple(str(day) for day in range(1, 32))


class WholeField(IntegerField):
    """A whole number, typed as text; empty is None."""

    widget = TextInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the number. Raises ValueError with the sentence for the person."""
        text = valuelist[0].strip() if valuelist else ""
        self.data = None
        if not text:
            return
        if not re.fullmatch(rf"[+-]?[0-9]{{1,{MOST_DIGITS}}}", text):
            raise ValueError(_("Write a whole number."))
        self.data = int(text)

    def pre_validate(self, form: Any) -> None:
        """Nothing: an empty field is known by the service to be wrong or right."""


class ScheduleForm(RecordForm):
    """A schedule as people edit it; `schedule_form` adds the fields of the kind's arguments."""

    name = CleanField(_l("Name"), [DataRequired(), Length(max=120)])
    kind = SelectField(_l("What is to be done"), validate_choice=False)
    often = SelectField(_l("How often"), choices=choices_of(OFTEN), default="daily")
    minute = WholeField(_l("At which minute of the hour"), default=0)
    time = CleanField(_l("At what time"), default="08:00")
    weekday = SelectField(_l("On which day of the week"), default="1")
    day = SelectField(_l("On which day of the month"), default="1")
    cron = CleanField(_l("Cron line"), default="")
    missed = RadioField(
        _l("If the time passes while Bottega is not running"), choices=choices_of(POLICIES), default=Missed.ONCE.value
    )
    alarm_minutes = WholeField(_l("Tell me when it is not done after so many minutes"), default=15)

    arguments: tuple[Argument, ...] = ()

    def __init__(self, *args: Any, kinds: Iterable[TaskKind] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = choices_of({kind.name: str(kind.title) for kind in kinds})
        names = get_day_names("wide", locale=get_locale())
        self.weekday.choices = choices_of({str(number + 1): names[number] for number in range(7)})
        self.day.choices = choices_of({day: day for day in DAYS} | {LAST_DAY: _("the last day")})

    def argument_fields(self) -> list[Field]:
        """The fields of the kind's arguments."""
        return [self[ARGUMENT + argument.name] for argument in self.arguments]

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        """Whether all is right so far; what is wrong stands beside its field."""
        right = super().validate(extra_validators)
        try:
            self.line()
        except CronWrong as wrong:
            field = self[wrong.field or "cron"]
            field.errors = [*field.errors, str(wrong.sentence)]
            return False
        return bool(right)

    def line(self) -> str:
        """The cron line that the fields mean. Raises CronWrong, whose `field` is the one that is wrong."""
        often = self.often.data
        if often not in OFTEN or often == LINE:
            return check_cron(str(self.cron.data or ""))
        if often == "hourly":
            if self.minute.data is None or not 0 <= self.minute.data <= 59:
                raise _wrong("minute", _("Write a minute from 0 to 59."))
            return Rhythm("hourly", minute=self.minute.data).line
        found = re.fullmatch(r"([01]?[0-9]|2[0-3])[:.]([0-5][0-9])(?::00)?", str(self.time.data or ""))
        if found is None:
            raise _wrong("time", _("Write a time like 08:30."))
        at = int(found[1]), int(found[2])
        if often == "weekly" and self.weekday.data not in DAYS[:7]:
            raise _wrong("weekday", _("Choose one of the list."))
        if often == "monthly" and self.day.data not in (*DAYS, LAST_DAY):
            raise _wrong("day", _("Choose one of the list."))
        return Rhythm(often, *at, weekday=int(self.weekday.data or 1), day=self.day.data or "1").line

    def values(self) -> dict[str, Any]:
        """What a service takes."""
        args = {argument.name: self[ARGUMENT + argument.name].data for argument in self.arguments}
        return {
            "name": self.name.data,
            "kind": self.kind.data,
            "args": {name: value for name, value in args.items() if value not in (None, "")},
            "cron": self.line(),
            "missed": self.missed.data,
            "alarm_minutes": self.alarm_minutes.data,
        }


def schedule_form(
    kind: TaskKind | None, kinds: Iterable[TaskKind], stored: Schedule | None = None, **kwargs: Any
) -> ScheduleForm:
    """The form with a field for each argument of `kind`, filled from `stored`; `kinds` are to choose from."""
    arguments = kind.arguments if kind else ()
    fields = {ARGUMENT + argument.name: _field(argument) for argument in arguments}
    made = type("ScheduleForm", (ScheduleForm,), {**fields, "arguments": arguments})
    data = _stored(stored) if stored else {"kind": kind.name if kind else None}
    form: ScheduleForm = made(kinds=kinds, data=data, **kwargs)
    return form


def _stored(schedule: Schedule) -> dict[str, Any]:
    """What the fields say of a stored schedule."""
    same = {name: getattr(schedule, name) for name in ("version", "name", "kind", "cron", "missed", "alarm_minutes")}
    rhythm = rhythm_of(schedule.cron)
    when: dict[str, Any] = {"often": LINE}
    if rhythm:
        when = {"often": rhythm.often, "weekday": str(rhythm.weekday), "day": rhythm.day}
        if rhythm.often == "hourly":
            when["minute"] = rhythm.minute
        else:
            when["time"] = f"{rhythm.hour:02}:{rhythm.minute:02}"
    return {**same, **when, **{ARGUMENT + name: value for name, value in schedule.args.items()}}


def _field(argument: Argument) -> Any:
    """An unbound field that asks for the argument; whether the value is right, the kind's declaration says."""
    default = argument.default
    if argument.choices:
        empty = {} if argument.required else {"": "—"}
        labels = empty | {value: str(label) for value, label in argument.choices}
        return SelectField(argument.label, choices=choices_of(labels), default=default, validate_choice=False)
    if argument.type is bool:
        return BooleanField(argument.label, default=default)
    if argument.type is int:
        return WholeField(argument.label, default=default)
    kind = "date" if argument.type is dt.date else "text"
    return CleanField(argument.label, default=default, render_kw={"type": kind})


def _wrong(field: str, sentence: str) -> CronWrong:
    wrong = CronWrong(sentence)
    wrong.field = field
    return wrong
