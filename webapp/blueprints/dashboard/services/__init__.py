"""What the dashboard works out: the days it speaks of, what they are compared with, and the figures."""
