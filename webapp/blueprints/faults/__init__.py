"""The faults room: errors of the application that nobody expected."""
