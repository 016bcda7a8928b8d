"""The demo company's workspaces: two groups of analysts and their three projects."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.blueprints.accounts.public import User
from webapp.blueprints.workspaces.models import Joining, Project, Visibility, WorkspaceGroup, WorkspaceMember

GROUPS = (
    (
        "vendite", "Analisi vendite", Joining.ON_REQUEST, ("staff", "owner"),
        "Chi guarda **che cosa si vende**, a chi e quando.\n\n- report mensile entro il giorno 5\n- previsioni a tre mesi",
        (
            ("andamento", "Andamento delle vendite", Visibility.INTERNAL,
             "Ricavi, ordini e resi per mese e paese, dai dati GOLD.\n\nDomande aperte:\n\n1. quanto pesa il Natale?\n2. chi torna a comprare?"),
            ("clienti-fedeli", "Clienti fedeli", Visibility.PRIVATE,
             "Segmenti di clienti per **frequenza**, valore e ultimo acquisto."),
        ),
    ),
    (
        "dati-aperti", "Dati aperti", Joining.OPEN, ("owner", "staff", "viewer"),
        "Quello che la bottega racconta a tutti.",
        (
            ("prezzi-e-stagioni", "Prezzi e stagioni", Visibility.PUBLIC,
             "Come cambiano i prezzi medi con le stagioni: grafici e tabelle, *senza* dati personali."),
        ),
    ),
)  # fmt: skip
DOMAIN = "demo.bottega.it"


def load_demo(session: Session) -> None:
    """Store the groups and their projects, owned by the demo's people; nothing where those are not."""
    people = {user.email.partition("@")[0]: user.id for user in session.scalars(select(User)) if DOMAIN in user.email}
    for slug, name, joining, members, description, projects in GROUPS:
        if not people.keys() >= set(members):
            continue
        group = WorkspaceGroup(
            slug=slug, name=name, joining=joining.value, description=description, owner_id=people[members[0]]
        )
        group.members = [WorkspaceMember(user_id=people[member]) for member in members]
        session.add(group)
        for short, title, visibility, text in projects:
            session.add(Project(slug=short, name=title, visibility=visibility.value, description=text, group=group))
