"""Documents of notebooks: run with parameters, and rendered for those who only read."""
