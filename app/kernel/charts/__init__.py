"""Charts: what a picture of numbers says, its numbers as a table, and its strokes, the same for a screen and for paper."""
