"""The forms of a notebook: what it is and may use, and its lock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, SelectField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from webapp.blueprints.notebooks.models import Image, Notebook
from webapp.blueprints.notebooks.services.locks import DEFAULT_LEASE, LEASES, LONGEST_REASON
from webapp.core.forms import AmountField, CleanField, RecordForm, choices_of, clean


class NotebookForm(RecordForm):
    """A notebook as the members of its project edit it. Resources hold from the next start on."""

    name = CleanField(_l("Name"), [DataRequired(), Length(max=120)])
    image = SelectField(_l("Image"))
    cpus = AmountField(_l("Processor cores"), [InputRequired()], places=2)
    memory_mb = IntegerField(_l("Memory (MB)"), [InputRequired()])
    pids = IntegerField(_l("Processes at once"), [InputRequired()])
    disk_mb = IntegerField(_l("Room in the home (MB)"), [InputRequired()])
    idle_minutes = IntegerField(_l("Stops when idle for (minutes)"), [Optional(), NumberRange(0, 100_000)])
    internet = BooleanField(_l("May reach the internet"))
    description = TextAreaField(_l("Description"), [Length(max=20_000)], filters=[clean])

    def offer(self, images: Iterable[Image], stored: Notebook | None = None) -> None:
        """Let it choose among these images, and what the stored notebook has."""
        offered = list(images)
        if stored and stored.image not in offered:
            offered.append(stored.image)
        self.image.choices = choices_of({str(image.id): image.name for image in offered})

    def values(self) -> dict[str, Any]:
        """What was typed, as the services take it."""
        return {
            "name": self.name.data,
            "description": self.description.data or "",
            "image_id": int(self.image.data),
            "cpus": self.cpus.data,
            "memory_mb": self.memory_mb.data,
            "pids": self.pids.data,
            "disk_mb": self.disk_mb.data,
            "idle_minutes": self.idle_minutes.data,
            "internet": bool(self.internet.data),
        }

    @classmethod
    def of(cls, stored: Notebook, **more: Any) -> NotebookForm:
        """The form of a stored notebook."""
        return cls(obj=stored, data={"image": str(stored.image_id)}, **more)


class NewNotebookForm(NotebookForm):
    """A new notebook: its short name can be said now, and never again."""

    slug = CleanField(_l("Short name"), [Length(max=40)])

    def values(self) -> dict[str, Any]:
        """What was typed, with the short name."""
        return {**super().values(), "slug": self.slug.data or ""}

    @classmethod
    def from_image(cls, image: Image | None) -> NewNotebookForm:
        """The empty form, with what the image proposes."""
        proposed: Mapping[str, Any] = (
            {name: getattr(image, name) for name in ("cpus", "memory_mb", "pids", "disk_mb")} if image else {}
        )
        return cls(data=dict(proposed))


class LockForm(RecordForm):
    """How long to keep others out, and why."""

    minutes = SelectField(
        _l("For"), choices=choices_of({str(k): v for k, v in LEASES.items()}), default=str(DEFAULT_LEASE)
    )
    reason = CleanField(_l("Reason"), [Length(max=LONGEST_REASON)])

    def values(self) -> dict[str, Any]:
        """What was typed, as the services take it."""
        return {"minutes": int(self.minutes.data), "reason": self.reason.data or ""}
