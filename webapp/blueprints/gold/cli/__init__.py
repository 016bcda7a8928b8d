"""The commands of the gold room."""

from webapp.blueprints.gold.cli.etl import etl
from webapp.blueprints.gold.cli.gold import gold

commands = (gold, etl)
