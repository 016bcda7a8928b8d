"""The refinery: reads the rooms' database, checks and reshapes with pandas, and keeps the GOLD database."""
