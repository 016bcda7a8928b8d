"""The outside of the documents room: errands of notebooks, and what they leave."""
