"""The outside of the tasks room: the broker, the worker that takes tasks from it, and the scheduler."""
