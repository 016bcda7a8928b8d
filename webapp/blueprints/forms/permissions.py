"""The rights of the forms room."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l


class FormsPermission(StrEnum):
    """What may be done with forms and what people write in them."""

    FORMS_WRITE = "forms:forms:write"
    SUBMISSIONS_READ = "forms:submissions:read"
    SUBMISSIONS_ANSWER = "forms:submissions:answer"
    SUBMISSIONS_DELETE = "forms:submissions:delete"


TITLES = {
    FormsPermission.FORMS_WRITE: _l("Make and change the forms of the public site"),
    FormsPermission.SUBMISSIONS_READ: _l("Read what people wrote in the forms"),
    FormsPermission.SUBMISSIONS_ANSWER: _l("Answer what people wrote, and note how it stands"),
    FormsPermission.SUBMISSIONS_DELETE: _l("Delete what people wrote"),
}
