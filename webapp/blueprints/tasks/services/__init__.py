"""What happens to tasks and schedules."""
