"""First: an empty store becomes a workshop, in five screens that can each be left out and found again."""
