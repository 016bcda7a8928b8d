"""The forms in which editors make a form: what it is called, what it says, and each of its fields."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, SelectField, TextAreaField
from wtforms.validators import DataRequired, Length, NumberRange, Optional, ValidationError

from webapp.blueprints.forms.models import Check, FieldKind, Form, FormField
from webapp.blueprints.forms.queries.forms import CHECKS, STATES
from webapp.blueprints.forms.services.building import LONGEST_SLUG
from webapp.core.company import LANGUAGES
from webapp.core.forms import CleanField, RecordForm, choices_of, clean

FORM_WORDS = ("title", "slug", "intro", "button", "thanks", "answer_subject", "answer")
FIELD_WORDS = ("label", "help", "choices")
MOST_NOTIFIED = 20
LINE_CHECKS = (Check.NONE, Check.NAME, Check.DIGITS, Check.POSTCODE, Check.VAT, Check.TAX_CODE, Check.WEB)
CHECKS_OF = {FieldKind.LINE: LINE_CHECKS, FieldKind.DATE: (Check.NONE, Check.FUTURE, Check.PAST)}
BOUNDED = frozenset({FieldKind.LINE, FieldKind.TEXT, FieldKind.NUMBER, FieldKind.SEVERAL})
WITH_CHOICES = frozenset({FieldKind.SELECT, FieldKind.RADIO, FieldKind.SEVERAL})


class WordsForm(RecordForm):
    """A form with texts in each of the company's languages; those of the others are neither shown nor changed."""

    words_of: tuple[str, ...] = ()
    needed = ""

    def keep_languages(self, languages: Iterable[str]) -> None:
        """Leave out the texts of the languages that the company does not offer."""
        self.languages = tuple(languages)
        for language in set(LANGUAGES) - set(self.languages):
            for name in self.words_of:
                if f"{name}_{language}" in self:
                    del self[f"{name}_{language}"]

    def words(self) -> dict[str, dict[str, Any]]:
        """The texts by language and name."""
        return {
            language: {
                name: self[f"{name}_{language}"].data or "" for name in self.words_of if f"{name}_{language}" in self
            }
            for language in self.languages
        }

    def values(self) -> dict[str, Any]:
        """All that is no text of a language."""
        texts = {f"{name}_{language}" for name in self.words_of for language in LANGUAGES}
        return {field.short_name: field.data for field in self.own_fields() if field.short_name not in texts}

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether all is right; at least one language must have what is needed."""
        right = bool(super().validate(extra_validators))
        if not any(self[f"{self.needed}_{language}"].data for language in self.languages):
            first = self[f"{self.needed}_{self.languages[0]}"]
            first.errors = [*first.errors, _("Write this in at least one language.")]
            right = False
        return right


class FormForm(WordsForm):
    """A form as editors set it up."""

    words_of = FORM_WORDS
    needed = "title"

    name = CleanField(_l("Name, for the back office"), [DataRequired(), Length(max=120)])
    state = SelectField(_l("State"), choices=choices_of(STATES), default="open")
    notify = TextAreaField(_l("Who gets a mail about each message"), [Length(max=2000)], filters=[clean])
    answers_itself = BooleanField(_l("Send the writer an automatic answer"))
    makes_contact = BooleanField(_l("Make the writer a contact among the customers"))
    keep_months = IntegerField(_l("Delete messages after so many months"), [NumberRange(1, 120)], default=24)

    def validate_notify(self, field: Any) -> None:
        """Raise ValidationError for something that is no address."""
        addresses = (field.data or "").split()
        if len(addresses) > MOST_NOTIFIED:
            raise ValidationError(_("At most %(count)s addresses.", count=MOST_NOTIFIED))
        for address in addresses:
            try:
                validate_email(address, check_deliverability=False)
            except EmailNotValidError:
                raise ValidationError(_("“%(text)s” is not an e-mail address.", text=address)) from None

    @classmethod
    def of(cls, form: Form | None, languages: Iterable[str], **more: Any) -> FormForm:
        """The form of a form, or of a new one."""
        texts = _texts(form.words, FORM_WORDS) if form else {}
        made = cls(obj=form, data=texts, **more)
        made.keep_languages(languages)
        return made


class FieldForm(WordsForm):
    """A field as editors set it up; what its kind does not know is left out."""

    words_of = FIELD_WORDS
    needed = "label"

    required = BooleanField(_l("Must be filled in"))
    check = SelectField(_l("Check"), choices=choices_of(CHECKS), default="")
    least = IntegerField(_l("At least"), [Optional(), NumberRange(-(10**9), 10**9)])
    most = IntegerField(_l("At most"), [Optional(), NumberRange(-(10**9), 10**9)])
    purpose = CleanField(_l("What the consent is for, in a few words"), [Length(max=120)])

    @classmethod
    def of(cls, kind: FieldKind, field: FormField | None, languages: Iterable[str], **more: Any) -> FieldForm:
        """The form of a field of this kind, or of a new one."""
        texts = _texts(field.words, FIELD_WORDS) if field else {}
        made = cls(obj=field, data=texts, **more)
        made.keep_languages(languages)
        if kind not in BOUNDED:
            del made.least, made.most
        if kind != FieldKind.CONSENT:
            del made.purpose
        if kind == FieldKind.HEADING:
            del made.required
        if kind in CHECKS_OF:
            made.check.choices = choices_of({each.value: CHECKS[each.value] for each in CHECKS_OF[kind]})
        else:
            del made.check
        if kind not in WITH_CHOICES:
            for language in made.languages:
                del made[f"choices_{language}"]
        if kind in (FieldKind.TEXT, FieldKind.LINE) and "least" in made:
            made.least.validators = made.most.validators = [Optional(), NumberRange(0, 20_000)]
        return made

    def words(self) -> dict[str, dict[str, Any]]:
        """The texts by language and name; choices as a list."""
        words = super().words()
        for texts in words.values():
            if "choices" in texts:
                texts["choices"] = [line.strip()[:200] for line in texts["choices"].splitlines() if line.strip()]
        return words


def _texts(words: dict[str, dict[str, Any]], names: Iterable[str]) -> dict[str, str]:
    return {
        f"{name}_{language}": "\n".join(text) if isinstance(text, list) else text
        for language, texts in words.items()
        for name in names
        if (text := texts.get(name)) is not None
    }


def _area(label: Any, most: int) -> TextAreaField:
    return TextAreaField(label, [Length(max=most)], filters=[clean])


for _language in LANGUAGES:
    setattr(FormForm, f"title_{_language}", CleanField(_l("Title"), [Length(max=200)]))
    setattr(FormForm, f"slug_{_language}", CleanField(_l("Address"), [Length(max=LONGEST_SLUG)]))
    setattr(FormForm, f"intro_{_language}", _area(_l("Words before the form"), 4000))
    setattr(FormForm, f"button_{_language}", CleanField(_l("Words on the button"), [Length(max=60)]))
    setattr(FormForm, f"thanks_{_language}", _area(_l("Words of thanks, once it is sent"), 4000))
    setattr(
        FormForm, f"answer_subject_{_language}", CleanField(_l("Subject of the automatic answer"), [Length(max=200)])
    )
    setattr(FormForm, f"answer_{_language}", _area(_l("Words of the automatic answer"), 8000))
    setattr(FieldForm, f"label_{_language}", _area(_l("Label"), 1000))
    setattr(FieldForm, f"help_{_language}", CleanField(_l("Help below it"), [Length(max=300)]))
    setattr(FieldForm, f"choices_{_language}", _area(_l("Choices, one a line"), 20_000))
