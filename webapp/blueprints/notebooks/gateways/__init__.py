"""The outside of the notebooks room: engines, and the keeper that drives them."""
