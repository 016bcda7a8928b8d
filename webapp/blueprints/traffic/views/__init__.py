"""The pages of the traffic room."""
