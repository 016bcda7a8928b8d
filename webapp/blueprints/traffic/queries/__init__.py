"""What the traffic room asks of its tables."""
