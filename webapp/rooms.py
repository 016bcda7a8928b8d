"""The rooms that this installation opens: the one list that a client edits."""

ROOMS = (
    "tasks",
    "mail",
    "accounts",
    "keys",
    "website",
    "dashboard",
    "crm",
    "catalogue",
    "sales",
    "gold",
    "pipelines",
    "workspaces",
    "notebooks",
    "documents",
    "traffic",
    "faults",
    "navigation",
    "installed",
    "media",
    "places",
)
