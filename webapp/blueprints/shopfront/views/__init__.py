"""The pages of the shopfront: those of the public, and those in which it is arranged."""
