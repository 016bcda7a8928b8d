"""The forms of messages and topics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, IntegerField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, ValidationError

from webapp.blueprints.push.models import Audience, PushMessage, PushTopic
from webapp.blueprints.push.queries import EVENTS, URGENCIES
from webapp.blueprints.push.services.messages import LONGEST_BODY, LONGEST_LINK, LONGEST_TITLE, is_own_link
from webapp.core.company import LANGUAGES
from webapp.core.forms import CleanField, RecordForm, choices_of, clean


class TextsForm(RecordForm):
    """A form whose texts are there once a language; those that the company does not have are left as they are."""

    def set_languages(self, languages: Sequence[str]) -> None:
        """Say which languages are asked for, the first one being the one that must be there."""
        self.languages = tuple(languages)

    def is_first(self, field: Field) -> bool:
        """Whether a field is that of the company's first language."""
        return bool(field.short_name.endswith(f"_{self.languages[0]}"))

    def texts(self, name: str, stored: dict[str, str] | None) -> dict[str, str]:
        """The texts of a name by language, over those that are stored."""
        typed = {language: self[f"{name}_{language}"].data or "" for language in self.languages}
        return {**(stored or {}), **typed}


class MessageForm(TextsForm):
    """A message as people write it."""

    title_it = CleanField(_l("Title"), [Length(max=LONGEST_TITLE)])
    title_en = CleanField(_l("Title"), [Length(max=LONGEST_TITLE)])
    body_it = TextAreaField(_l("Text"), [Length(max=LONGEST_BODY)], filters=[clean])
    body_en = TextAreaField(_l("Text"), [Length(max=LONGEST_BODY)], filters=[clean])
    link_it = CleanField(_l("Page that a tap opens"), [Length(max=LONGEST_LINK)])
    link_en = CleanField(_l("Page that a tap opens"), [Length(max=LONGEST_LINK)])
    to = SelectField(_l("To whom"))
    urgency = SelectField(_l("Urgency"), choices=choices_of(URGENCIES), default="normal")
    hours = IntegerField(_l("Worth telling for how many hours"), [InputRequired(), NumberRange(1, 672)], default=24)

    @staticmethod
    def stored(message: PushMessage) -> dict[str, Any]:
        """The values of a stored message, by the names of the fields."""
        data: dict[str, Any] = {"version": message.version, "urgency": message.urgency, "hours": message.hours}
        for language in LANGUAGES:
            data[f"title_{language}"] = message.titles.get(language, "")
            data[f"body_{language}"] = message.bodies.get(language, "")
            data[f"link_{language}"] = message.links.get(language, "")
        number = {"topic": message.topic_id, "group": message.group_id, "person": message.user_id}.get(message.audience)
        return data | {"to": f"{message.audience}:{number}" if number else message.audience}

    def validate_title_it(self, field: Field) -> None:
        """Raise ValidationError where the first language has no title."""
        self._ask_for(field)

    def validate_title_en(self, field: Field) -> None:
        """Raise ValidationError where the first language has no title."""
        self._ask_for(field)

    def validate_link_it(self, field: Field) -> None:
        """Raise ValidationError for a link to elsewhere."""
        self._stay(field)

    def validate_link_en(self, field: Field) -> None:
        """Raise ValidationError for a link to elsewhere."""
        self._stay(field)

    def values(self, stored: PushMessage | None) -> dict[str, Any]:
        """The columns as they were typed."""
        audience, _colon, number = str(self.to.data).partition(":")
        chosen = int(number) if number.isdecimal() else None
        return {
            "titles": self.texts("title", stored.titles if stored else None),
            "bodies": self.texts("body", stored.bodies if stored else None),
            "links": self.texts("link", stored.links if stored else None),
            "audience": audience,
            "topic_id": chosen if audience == Audience.TOPIC else None,
            "group_id": chosen if audience == Audience.GROUP else None,
            "user_id": chosen if audience == Audience.PERSON else None,
            "urgency": self.urgency.data,
            "hours": self.hours.data,
        }

    def _ask_for(self, field: Field) -> None:
        if self.is_first(field) and not field.data:
            raise ValidationError(_("Write a title: it is what people see first."))

    @staticmethod
    def _stay(field: Field) -> None:
        if field.data and not is_own_link(field.data):
            raise ValidationError(_("Write an address of this site, beginning with a slash, like /it/orari."))


class TopicForm(TextsForm):
    """A topic as people edit it."""

    name_it = CleanField(_l("Name"), [Length(max=60)])
    name_en = CleanField(_l("Name"), [Length(max=60)])
    description_it = CleanField(_l("What it is about"), [Length(max=200)])
    description_en = CleanField(_l("What it is about"), [Length(max=200)])
    event = SelectField(_l("What is sent"), choices=choices_of(EVENTS))
    position = IntegerField(_l("Place in the list"), [InputRequired(), NumberRange(0, 1000)], default=1)
    offered = BooleanField(_l("Offered to visitors"), default=True)

    @staticmethod
    def stored(topic: PushTopic) -> dict[str, Any]:
        """The values of a stored topic, by the names of the fields."""
        data: dict[str, Any] = {name: getattr(topic, name) for name in ("version", "event", "position", "offered")}
        for language in LANGUAGES:
            data[f"name_{language}"] = topic.names.get(language, "")
            data[f"description_{language}"] = topic.descriptions.get(language, "")
        return data

    def validate_name_it(self, field: Field) -> None:
        """Raise ValidationError where the first language has no name."""
        self._ask_for(field)

    def validate_name_en(self, field: Field) -> None:
        """Raise ValidationError where the first language has no name."""
        self._ask_for(field)

    def values(self, stored: PushTopic | None) -> dict[str, Any]:
        """The columns as they were typed."""
        return {
            "names": self.texts("name", stored.names if stored else None),
            "descriptions": self.texts("description", stored.descriptions if stored else None),
            "event": self.event.data,
            "position": self.position.data,
            "offered": bool(self.offered.data),
        }

    def _ask_for(self, field: Field) -> None:
        if self.is_first(field) and not field.data:
            raise ValidationError(_("Write a name."))
