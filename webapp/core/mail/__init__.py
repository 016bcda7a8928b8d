"""Mail: `post` writes one with its cause; a task of the mail room hands it to the server (MAIL_URL) afterwards.

A page never waits for a mail server, and mail leaves only if what it tells of was stored. A room's templates lie in
`templates/<room>/mail/`: `<name>.txt`, whose first line is the subject, and `<name>.html`. The words of a template named
`link`, `code`, `codes`, `password` or `token`, or ending so (`reset_link`), are secrets: nobody but the reader sees them.
"""

from webapp.core.mail.folder import FoundMail, as_data, find_in_folder, list_folder
from webapp.core.mail.look import dressed, preview_policy, undressed
from webapp.core.mail.mailers import FolderMailer, NoMailer, SmtpMailer, mail_folder, mailer_for
from webapp.core.mail.messages import (
    Attachment,
    MailDelayed,
    Mailer,
    MailNotSetUp,
    MailRefused,
    Message,
    check,
    plain_address,
    write,
)
from webapp.core.mail.posting import Letter, Outbox, forget_mails, mails_to, post

__all__ = [
    "Attachment",
    "FolderMailer",
    "FoundMail",
    "Letter",
    "MailDelayed",
    "MailNotSetUp",
    "MailRefused",
    "Mailer",
    "Message",
    "NoMailer",
    "Outbox",
    "SmtpMailer",
    "as_data",
    "check",
    "dressed",
    "find_in_folder",
    "forget_mails",
    "list_folder",
    "mail_folder",
    "mailer_for",
    "mails_to",
    "plain_address",
    "post",
    "preview_policy",
    "undressed",
    "write",
]
