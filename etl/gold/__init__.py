"""The GOLD database: what its tables promise, and how they are written."""
