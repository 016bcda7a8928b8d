"""Whether nginx's logs reach the collector, and what to do when they do not: for `bottega check --deploy`."""

from __future__ import annotations

import datetime as dt
import fnmatch
import glob
import os
import stat
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.blueprints.traffic.models import TrafficFile
from webapp.blueprints.traffic.services.rounds import is_followed
from webapp.core.clock import utc_now
from webapp.core.health import NotReady
from webapp.core.settings import Settings

OLDEST = dt.timedelta(hours=26)  # a site that nobody asks for a day long is rare, and its robots are not


def check_logs(session: Session, settings: Settings) -> str:
    """That a collector runs and has read lines of nginx's logs lately. Raises NotReady with what to do."""
    if not settings.traffic_logs:
        if settings.access_log:
            return "the application writes the lines itself"
        raise NotReady("TRAFFIC_LOGS is missing: name nginx's logs, as in /var/log/nginx/bottega/*.log")
    for pattern in settings.traffic_logs:
        _check_here(pattern)
    if not is_followed(session):
        raise NotReady("nobody follows the logs: start `bottega collector` (in compose.prod.yml the service collector)")
    known = session.execute(select(TrafficFile.path, TrafficFile.last_at).order_by(TrafficFile.last_at.desc())).all()
    patterns = [form for pattern in settings.traffic_logs for form in (pattern, f"{pattern}[.-]*")]  # rotated ones too
    read = [at for path, at in known if at and any(fnmatch.fnmatch(path, pattern) for pattern in patterns)]
    named = ", ".join(settings.traffic_logs)
    if not read:
        raise NotReady(
            f"no line of {named} was read yet: let the collector's container see the folder (NGINX_LOGS) and its user be of "
            "the group that may read the logs (LOGS_GID=$(stat -c %g FILE) in .env; on Debian adm, 4); "
            "`bottega check --deploy` in that container says which file it is"
        )
    age = utc_now() - read[0]
    if age > OLDEST:
        hours = age.days * 24 + age.seconds // 3600
        raise NotReady(
            f"the newest line of {named} is {hours} hours old: does nginx still write there, after a rotation too?"
        )
    return f"lines of {named} are read, the newest of {read[0]:%Y-%m-%d %H:%M} UTC"


def _check_here(pattern: str) -> None:
    """What this process can see of the logs, it can read as well; in another container it may see none of them."""
    folder = Path(pattern).parent
    if not glob.has_magic(str(folder)) and folder.is_dir() and not os.access(folder, os.R_OK | os.X_OK):
        raise NotReady(f"{folder} cannot be read ({_whose(folder)}): {_what_to_do(folder)}")
    for path in glob.glob(pattern):  # noqa: PTH207 - absolute ones too
        if not os.access(path, os.R_OK):
            raise NotReady(f"{path} cannot be read ({_whose(Path(path))}): {_what_to_do(Path(path))}")


def _whose(path: Path) -> str:
    status = path.stat()
    return f"{stat.filemode(status.st_mode)}, user {status.st_uid}, group {status.st_gid}"


def _what_to_do(path: Path) -> str:
    status = path.stat()
    if status.st_mode & stat.S_IRGRP:
        return f"set LOGS_GID={status.st_gid} in .env, so that the collector is of that group"
    return "let its group read it: nginx/install brings a rotation that makes new logs with mode 640"
