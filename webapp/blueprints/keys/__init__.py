"""The keys room: what programs sign in with."""
