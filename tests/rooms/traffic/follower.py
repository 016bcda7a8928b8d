"""A process that follows a log until it is killed, started again and again from one that has loaded everything: `fork` is
quicker than a new interpreter. Reads `start` from standard input and answers with the number of the process."""

from __future__ import annotations

import os
import sys

from webapp.app import create_app
from webapp.blueprints.traffic.services import ingesting, parsing, visits  # noqa: F401 - loaded before the fork
from webapp.core.settings import Settings


def main(pattern: str) -> None:
    app = create_app(Settings.from_environment(os.environ))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        assert line.strip() == "start"
        child = os.fork()
        if child == 0:
            with app.app_context():
                run(pattern)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


def run(pattern: str) -> None:
    from tests.rooms.traffic.makers import follow

    while True:
        told = follow(pattern)
        if told.problems:
            sys.stderr.write(f"{told.problems}\n")


if __name__ == "__main__":
    main(sys.argv[1])
