"""The commands of the gold room."""

from webapp.blueprints.gold.cli.gold import gold

commands = (gold,)
