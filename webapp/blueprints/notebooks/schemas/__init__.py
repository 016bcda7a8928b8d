"""How the API writes what is the notebooks room's."""
