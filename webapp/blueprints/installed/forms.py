"""The form of how the site is installed."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, TextAreaField
from wtforms.validators import Length, ValidationError

from webapp.blueprints.installed.models import InstalledSetting
from webapp.blueprints.installed.services.changing import ShortcutWrong, read_shortcuts
from webapp.core.company import LANGUAGES
from webapp.core.forms import CleanField, RecordForm, clean


class SettingForm(RecordForm):
    """How the site is installed, as people edit it; the languages that the company does not have are left as they are."""

    enabled = BooleanField(_l("The site can be installed and read off line"))
    short_name_it = CleanField(_l("Short name"), [Length(max=30)])
    short_name_en = CleanField(_l("Short name"), [Length(max=30)])
    shortcuts_it = TextAreaField(_l("Shortcuts"), [Length(max=2000)], filters=[clean])
    shortcuts_en = TextAreaField(_l("Shortcuts"), [Length(max=2000)], filters=[clean])

    @classmethod
    def of(cls, setting: InstalledSetting, **kwargs: Any) -> SettingForm:
        """The form of what is stored; what was submitted goes before it unless `formdata` is None."""
        data: dict[str, Any] = {"version": setting.version, "enabled": setting.enabled}
        for language in LANGUAGES:
            data[f"short_name_{language}"] = setting.short_names.get(language, "")
            lines = (f"{words} | {path}" for words, path in setting.shortcuts.get(language, ()))
            data[f"shortcuts_{language}"] = "\n".join(lines)
        return cls(data=data, **kwargs)

    def validate_shortcuts_it(self, field: Field) -> None:
        """Raise ValidationError for a line that cannot be read."""
        self._read(field, "it")

    def validate_shortcuts_en(self, field: Field) -> None:
        """Raise ValidationError for a line that cannot be read."""
        self._read(field, "en")

    def _read(self, field: Field, language: str) -> None:
        try:
            read_shortcuts(field.data or "", language)
        except ShortcutWrong as problem:
            raise ValidationError(str(problem.sentence)) from problem

    def values(self, stored: InstalledSetting, languages: tuple[str, ...]) -> dict[str, Any]:
        """The columns as they were typed, for these languages."""
        names, shortcuts = dict(stored.short_names), dict(stored.shortcuts)
        for language in languages:
            names[language] = self[f"short_name_{language}"].data or ""
            shortcuts[language] = read_shortcuts(self[f"shortcuts_{language}"].data or "", language)
        return {"enabled": bool(self.enabled.data), "short_names": names, "shortcuts": shortcuts}
