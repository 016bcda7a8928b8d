"""The flows, one business matter each, and the bench they work on."""
