"""A shop with people of several rights, whose figures are in GOLD, and the ways on which their notebooks read them."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import docker
import pytest
from flask import Flask
from sqlalchemy import select, text

from etl.gold.access import READERS
from etl.run import run_flows
from tests.deployment.engine import JUPYTER, base_images, build_jupyter, running_engine
from tests.etl.shop import Shop
from tests.rooms.accounts.makers import make_user
from tests.rooms.accounts.test_rights import give
from tests.rooms.notebooks.makers import make_image, make_notebook
from tests.rooms.workspaces.makers import make_group, make_project
from webapp.blueprints.accounts.models import User
from webapp.blueprints.accounts.services.groups import GroupValues, create_group, set_groups
from webapp.blueprints.accounts.services.roles import RoleValues, create_role
from webapp.blueprints.notebooks.gateways.docker_engine import DockerEngine
from webapp.blueprints.notebooks.gateways.docker_images import DockerImages
from webapp.blueprints.notebooks.gateways.docker_volumes import DockerVolumes
from webapp.blueprints.notebooks.gateways.docker_words import HOUSE_LABEL
from webapp.blueprints.notebooks.gateways.gold_door import PostgresGoldDoor
from webapp.blueprints.notebooks.gateways.gold_keeping import GoldKeeping
from webapp.blueprints.notebooks.gateways.hands import Hands
from webapp.blueprints.notebooks.models import Image, Notebook
from webapp.core.db import db, gold_engine
from webapp.core.security import SYSTEM

SUBNETS = "10.218.0.0/16"
READS = ("sales:orders:read", "crm:customers:read", "catalogue:products:read")


@pytest.fixture
def shop(fresh_app: Flask) -> Iterator[Shop]:
    """A shop, and GOLD, whose readers go with the test."""
    shop = Shop(db.engine, gold_engine())
    yield shop
    with shop.gold.begin() as gold:
        [readers] = gold.execute(text(f"SELECT {READERS}")).scalars()
        named = gold.execute(
            text("SELECT rolname FROM pg_roles WHERE starts_with(rolname::text, :start) ORDER BY length(rolname) DESC"),
            {"start": readers},
        )
        for name in named.scalars().all():
            gold.exec_driver_sql(f'DROP OWNED BY "{name}"')
            gold.exec_driver_sql(f'DROP ROLE "{name}"')


@pytest.fixture
def people(shop: Shop) -> dict[str, User]:
    """An owner, one of the staff, a seller of their own orders, a head of a group of sellers, and a guest without rights.

    Each of them but the guest has orders and customers of their own; some are nobody's.
    """
    session = db.session()
    for name, reach in (("seller", "own"), ("head", "group"), ("guest", "none")):
        create_role(session, by=SYSTEM, values=RoleValues(name, rank=20))
        give(session, name, **{each: reach if each != READS[2] or reach == "none" else "all" for each in READS})
        give(session, name, **{"core:backoffice:enter": "all", "notebooks:notebooks:run": "all", "workspaces:projects:work": "all"})  # fmt: skip
    roles = {
        "owner": "owner",
        "staff": "staff",
        "seller": "seller",
        "other": "seller",
        "head": "head",
        "guest": "guest",
    }
    people = {name: make_user(session, roles=[role]) for name, role in roles.items()}
    sales = create_group(session, by=SYSTEM, values=GroupValues("Sales"))
    session.flush()
    for name in ("seller", "head"):
        set_groups(session, by=SYSTEM, user_id=people[name].id, groups=[sales.id])
    product = shop.product("A1", "Kitchen")
    owners = [
        ("owner", None),
        ("staff", None),
        ("seller", sales.id),
        ("seller", None),
        ("other", sales.id),
        ("head", None),
    ]
    session.commit()
    for number, (name, group) in enumerate([*owners, (None, sales.id), (None, None)]):
        customer = shop.customer(f"C{number}")
        order = shop.order(
            f"N-{number}", f"2011-03-1{number} 10:00+01", (product, "1", "5"), (product, "2", "3"), customer=customer
        )
        owner = people[name].id if name else None
        for table, key in (("sales_orders", order), ("crm_customers", customer)):
            shop.do(
                f"UPDATE {table} SET owner_id = :owner, group_id = :group WHERE id = :id",
                owner=owner,
                group=group,
                id=key,
            )
    run_flows(shop.source, shop.gold)
    return people


def notebook_of(*members: User) -> Notebook:
    """A notebook of a project whose group has these people, about to run."""
    session = db.session()
    project = make_project(session, group=make_group(session, owner=members[0], members=list(members)))
    image = session.scalars(select(Image).limit(1)).first() or make_image(session, name="Jupyter", reference=JUPYTER)
    resources = {"cpus": 1, "memory_mb": 512, "pids": 128, "disk_mb": 512}
    made = make_notebook(session, project=project, slug=f"n-{project.id}", image=image, wanted="running", **resources)
    session.commit()
    return made


@pytest.fixture
def door(fresh_app: Flask) -> PostgresGoldDoor:
    """Opens GOLD for notebooks."""
    return PostgresGoldDoor(fresh_app)


@pytest.fixture
def relay(fresh_app: Flask, shop: Shop) -> Iterator[Path]:
    """The keeper's process that leads to GOLD, as a thread; the folder that containers are given."""
    keeping = GoldKeeping(fresh_app)
    thread = threading.Thread(target=keeping.run)
    thread.start()
    assert keeping.listening.wait(30)
    yield PostgresGoldDoor(fresh_app).folder
    keeping.leave.set()
    thread.join(30)
    assert not thread.is_alive()


@pytest.fixture(scope="module")
def jupyter() -> Iterator[docker.DockerClient]:
    """A running engine with the image of the notebooks."""
    with running_engine():
        build_jupyter(base_images())
        with closing(docker.from_env()) as client:
            yield client


@pytest.fixture
def hands(jupyter: docker.DockerClient, door: PostgresGoldDoor) -> Iterator[Hands]:
    """On that engine, and at the door to GOLD; nothing may be left of what they did."""
    house = uuid.uuid4().hex
    engine = DockerEngine(jupyter, house, subnets=SUBNETS)
    volumes = DockerVolumes(jupyter, house, tool_image=lambda: None)
    yield Hands(engine, DockerImages(jupyter), volumes, gold=door)
    for seen in engine.list():
        engine.stop(seen.name, grace=0)
    left = {"label": f"{HOUSE_LABEL}={house}"}
    assert not jupyter.api.containers(all=True, filters=left)
    assert not jupyter.api.networks(filters=left)
    for volume in volumes.list():
        volumes.remove(volume.name)
