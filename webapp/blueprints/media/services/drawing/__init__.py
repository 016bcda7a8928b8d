"""The demo company's pictures: flat art in its colours, drawn by Pillow, the same each time."""
