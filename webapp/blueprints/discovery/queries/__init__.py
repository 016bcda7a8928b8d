"""What the discovery room asks of its tables."""
