"""What the gold room knows how to ask of the GOLD database: metrics by dimensions and periods, and its state."""
