"""What can be done with notebooks."""
