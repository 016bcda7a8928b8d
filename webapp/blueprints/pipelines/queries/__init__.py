"""What the pipelines room asks: GOLD about its flows and runs, the tasks about what is under way."""
