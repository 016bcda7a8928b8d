"""The long work of the push room: sending a message to all its browsers, and forgetting what is old."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _l

from webapp.blueprints.push.services.happening import tell_news
from webapp.blueprints.push.services.keys import private_key
from webapp.blueprints.push.services.messages import SEND, forget_old
from webapp.blueprints.push.services.sending import count_left, give_up_unclear, settle_batch, take_batch
from webapp.blueprints.push.services.subscribing import forget_origins
from webapp.blueprints.tasks.public import ask
from webapp.core.clock import utc_now
from webapp.core.company import get_company
from webapp.core.errors import NotFound
from webapp.core.jobs import Arguments, HouseSchedule, TaskKind, TaskRun
from webapp.core.security import SYSTEM
from webapp.core.settings import house_settings

AT_ONCE = 8  # pushes that leave together: as many can be unclear after a worker was killed
MOST_SECONDS = 20.0


def send(run: TaskRun, args: Arguments) -> str:
    """Send a message to those who wait for it now; whoever has to wait longer is left to a later task."""
    from webapp.blueprints.push.tasks.posting import PushServices  # it brings a library that web processes do without

    message_id = int(args["message"])
    with run.transaction() as session:
        unclear = give_up_unclear(session, message_id)
        services = PushServices(private_key(session), contact(get_company(session).email), house_settings())
    if unclear:
        run.log(f"{unclear} were under way when a worker ended: not sent again", "warning")
    with services, ThreadPoolExecutor(AT_ONCE, thread_name_prefix="push") as pool:
        while True:
            run.check()
            timeout = run.time_left(at_most=MOST_SECONDS)
            try:
                with run.transaction() as session:
                    batch = take_batch(session, message_id, most=AT_ONCE, now=utc_now())
                    if batch.waiting_until:
                        ask(session, SEND, args, by=SYSTEM, not_before=batch.waiting_until)
                    done, total = count_left(session, message_id)
            except NotFound:
                return "deleted"
            run.progress(done, total)
            if not batch.outgoing:
                return f"{done}/{total}"
            answers = list(pool.map(partial(services.post, timeout=timeout), batch.outgoing))
            with run.transaction() as session:
                settle_batch(session, message_id, answers, now=utc_now())


def contact(email: str) -> str:
    """Whom a push service may write to about us (RFC 8292, 2.1): the company, else whoever looks after the site's host."""
    if email:
        return f"mailto:{email}"
    host = urlsplit(house_settings().public_url).hostname or ""
    return f"mailto:webmaster@{host if '.' in host else 'localhost'}"


def look_for_news(run: TaskRun, _args: Arguments) -> str:
    """Tell of the articles that came out since somebody looked."""
    with run.transaction() as session:
        sent = tell_news(session, utc_now())
    return str(len(sent))


def tidy(run: TaskRun, _args: Arguments) -> str:
    """Forget from where browsers registered, and to which of them old messages went."""
    now: dt.datetime = utc_now()
    with run.transaction() as session:
        forget_origins(session, now)
        forget_old(session, now)
    return ""


TASKS = (
    TaskKind(
        name=SEND,
        title=_l("Notifications"),
        work=send,
        attempts=5,
        alone=lambda args: f"push:{args['message']}",
    ),
    TaskKind(name="push.news", title=_l("Looking for new articles"), work=look_for_news),
    TaskKind(name="push.tidy", title=_l("Forgetting of old notifications"), work=tidy),
)
SCHEDULES = (
    HouseSchedule(
        origin="push.news", name="Tell of new articles", kind="push.news", cron="*/10 * * * *", missed="skip"
    ),
    HouseSchedule(origin="push.tidy", name="Forget old notifications", kind="push.tidy", cron="20 4 * * *"),
)
