"""`bottega tasks`: look at tasks, start, stop and repeat them, and clear out the old ones."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import click

from webapp.blueprints.tasks.models import State, Task
from webapp.blueprints.tasks.public import WAIT, ask, follow, get_kind
from webapp.blueprints.tasks.queries import (
    find_alive_names,
    get_task,
    list_newest,
    list_newest_lines,
    list_processes,
)
from webapp.blueprints.tasks.services.cron import in_words
from webapp.blueprints.tasks.services.schedules import (
    get_schedule_named,
    list_schedules,
    pause_schedule,
    resume_schedule,
    run_now,
)
from webapp.blueprints.tasks.services.steering import cancel, delete_ended, retry
from webapp.core.clock import utc_now
from webapp.core.commands import Refusal, refusals
from webapp.core.company import get_company
from webapp.core.db import transaction
from webapp.core.jobs import Argument, TaskKind, task_kinds
from webapp.core.security import SYSTEM

MOST_LISTED = 10_000
MOST_DAYS = 36_500
MISSING = {
    "worker": "no worker is alive: work is accepted and waits",
    "scheduler": "no scheduler is alive: nothing starts by the clock, and what was dropped is not taken up again",
}
YES, NO = ("true", "yes", "1"), ("false", "no", "0")


@click.group("tasks")
def tasks_commands() -> None:
    """Tasks: long work that is done by workers."""


@tasks_commands.command("list")
@click.option("--state", default="", help=f"Only those in this state: {', '.join(State)}.")
@click.option("--kind", default="", help="Only those of this kind.")
@click.option("--limit", default="20", show_default=True, help="At most so many, the newest first.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list.")
def list_tasks(*, state: str, kind: str, limit: str, as_json: bool) -> None:
    """List tasks, the newest first."""
    most = _whole(limit, "--limit", least=1, most=MOST_LISTED)
    if state and state not in list(State):
        raise Refusal(f"there is no state {state!r}; there are {', '.join(State)}")
    if kind:
        _known(kind)
    with transaction() as session:
        found = [_as_json(task) for task in list_newest(session, state=state, kind=kind, limit=most)]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for each in found:
        words = each["error"] or each["progress"]["words"]
        click.echo(
            f"{each['id']:>8}  {each['state']:10} {each['kind']:28} {each['created_at'][:19]}  {_line(words)}".rstrip()
        )
    if not found:
        click.echo("There are no such tasks.")


@tasks_commands.command("show")
@click.argument("number")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show_task(*, number: str, as_json: bool) -> None:
    """Show the task NUMBER with the last lines of its log."""
    with refusals(), transaction() as session:
        task = get_task(session, _number(number), by=SYSTEM)
        told = _as_json(task)
        lines, older = list_newest_lines(session, task.id)
        told["log"] = [
            {"at": line.at.isoformat(), "level": line.level, "attempt": line.attempt, "words": line.words}
            for line in lines
        ]
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    log = told.pop("log")
    for name, value in told.items():
        if value not in (None, "", {}):
            click.echo(f"{name:14} {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}")
    if older:
        click.echo("… older lines of the log are left out")
    for line in log:
        click.echo(f"{line['at'][:19]} {line['level']:7} {line['words']}")


@tasks_commands.command("start")
@click.argument("kind")
@click.option("--arg", "pairs", multiple=True, help="An argument as name=value; may be repeated.")
@WAIT
def start_task(*, kind: str, pairs: tuple[str, ...], wait: bool) -> None:
    """Ask for a task of KIND, on behalf of the house."""
    args = _arguments(_known(kind), pairs)
    with refusals(), transaction() as session:
        task_id = ask(session, kind, args, by=SYSTEM).id
    click.echo(f"task {task_id}")
    if wait:
        follow(task_id)


@tasks_commands.command("cancel")
@click.argument("number")
def cancel_task(*, number: str) -> None:
    """Stop the task NUMBER and what it started."""
    with refusals(), transaction() as session:
        state = cancel(session, _number(number), by=SYSTEM).state
    click.echo("cancelled" if state == State.CANCELLED else "asked to stop")


@tasks_commands.command("retry")
@click.argument("number")
def retry_task(*, number: str) -> None:
    """Let the task NUMBER, which failed, was cancelled or was lost, run again."""
    with refusals(), transaction() as session:
        retry(session, _number(number), by=SYSTEM)
    click.echo("queued")


@tasks_commands.command("kinds")
def list_kinds() -> None:
    """List the kinds of tasks with their arguments."""
    for name, kind in sorted(task_kinds().items()):
        click.echo(f"{name:28} {kind.title}")
        for argument in kind.arguments:
            click.echo(f"{'':30}{_described(argument)}")


@tasks_commands.command("purge")
@click.option("--older-than", "days", required=True, help="Days since they ended.")
def purge(*, days: str) -> None:
    """Delete the tasks that ended more than so many days ago, with their logs."""
    before = utc_now() - dt.timedelta(days=_whole(days, "--older-than", least=0, most=MOST_DAYS))
    deleted = 0
    while True:
        with transaction() as session:
            gone = delete_ended(session, before=before)
        deleted += gone
        if not gone:
            break
    click.echo(f"deleted {deleted} tasks")


@tasks_commands.command("processes")
def show_processes() -> None:
    """List the workers and schedulers, and which of them are silent."""
    with transaction() as session:
        alive = find_alive_names(session)
        for each in list_processes(session, alive_only=False):
            state = "alive" if each.name in alive else f"silent since {each.seen_at:%Y-%m-%d %H:%M:%S} UTC"
            click.echo(f"{each.role:10} {each.name}  {state}  {each.note}".rstrip())
        for role, sentence in MISSING.items():
            if role not in alive.values():
                click.echo(sentence, err=True)


@tasks_commands.group("schedules", invoke_without_command=True)
@click.pass_context
def schedules(context: click.Context) -> None:
    """List the schedules; start, pause or resume one by its name."""
    if context.invoked_subcommand is None:
        context.invoke(show_schedules)


@schedules.command("list")
def show_schedules() -> None:
    """List the schedules with their next time, by the company's clock."""
    with transaction() as session:
        zone = get_company(session).zone
        for each in list_schedules(session):
            at = f"{each.next_at.astimezone(zone):%Y-%m-%d %H:%M %Z}" if each.next_at else "paused"
            click.echo(f"{each.name:32} {each.kind:24} {at:22} {in_words(each.cron, 'en')} ({each.cron})")


@schedules.command("run-now")
@click.argument("name")
def run_schedule(*, name: str) -> None:
    """Ask at once for the task of the schedule NAME, on behalf of the house."""
    with refusals(), transaction() as session:
        task_id = run_now(session, by=SYSTEM, schedule_id=get_schedule_named(session, name).id).id
    click.echo(f"task {task_id}")


@schedules.command("pause")
@click.argument("name")
def pause(*, name: str) -> None:
    """Start nothing of the schedule NAME by the clock until it is resumed."""
    with refusals(), transaction() as session:
        pause_schedule(session, by=SYSTEM, schedule_id=get_schedule_named(session, name).id)
    click.echo("paused")


@schedules.command("resume")
@click.argument("name")
def resume(*, name: str) -> None:
    """Let the schedule NAME go on with its next time."""
    with refusals(), transaction() as session:
        resumed = resume_schedule(session, by=SYSTEM, schedule_id=get_schedule_named(session, name).id)
        next_at, zone = resumed.next_at, get_company(session).zone
    click.echo(f"next at {next_at.astimezone(zone):%Y-%m-%d %H:%M %Z}" if next_at else "it never comes")


def _known(kind: str) -> TaskKind:
    with refusals():
        return get_kind(kind)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise Refusal(f"{text!r} is not the number of a task")
    return int(text)


def _whole(text: str, option: str, *, least: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and least <= int(text[:20]) <= most):
        raise Refusal(f"{option} {text!r} is not a whole number from {least} to {most}")
    return int(text)


def _arguments(kind: TaskKind, pairs: tuple[str, ...]) -> dict[str, Any]:
    """The arguments as JSON values; what they may be is checked by asking."""
    declared = {argument.name: argument for argument in kind.arguments}
    args: dict[str, Any] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name:
            raise Refusal(f"--arg {pair!r} is not name=value")
        if name in args:
            raise Refusal(f"--arg {name} is given twice")
        if kind.arguments:
            args[name] = _read(declared[name], value) if name in declared else value
        else:
            args[name] = _read_json(value)
    return args


def _read(argument: Argument, value: str) -> Any:
    if argument.type is bool:
        if value.lower() not in (*YES, *NO):
            raise Refusal(f"{argument.name}: write true or false")
        return value.lower() in YES
    if argument.type is int:
        try:
            return int(value)
        except ValueError:
            raise Refusal(f"{argument.name}: {value!r} is not a whole number") from None
    return value


def _read_json(value: str) -> Any:
    """What a kind that declares no arguments is given: JSON where it is any, else text."""
    try:
        return json.loads(value)
    except ValueError:
        return value


def _described(argument: Argument) -> str:
    kind = "a date" if argument.type is dt.date else argument.type.__name__
    if argument.choices:
        kind = "one of " + ", ".join(value for value, _label in argument.choices)
    if argument.required:
        kind += ", needed"
    elif argument.default is not None:
        kind += f", {argument.default} if not given"
    return f"{argument.name}: {argument.label} ({kind})"


def _line(words: str) -> str:
    return " ".join(words.split())[:160]


def _as_json(task: Task) -> dict[str, Any]:
    moments = {
        name: None if (moment := getattr(task, name)) is None else moment.isoformat()
        for name in ("created_at", "not_before", "deadline_at", "started_at", "finished_at", "cancel_asked_at")
    }
    return {
        "id": task.id,
        "kind": task.kind,
        "state": task.state,
        "queue": task.queue,
        "args": task.args,
        "actor": task.actor,
        "parent_id": task.parent_id,
        "schedule_id": task.schedule_id,
        "attempts": task.attempts,
        "most_attempts": task.most_attempts,
        "worker": task.worker,
        "progress": {"done": task.progress_done, "total": task.progress_total, "words": task.progress_words},
        "result": task.result,
        "error": task.error,
        **moments,
    }
