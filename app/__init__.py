"""Business: entities, rules and use-cases; it knows no window, no wire and no printer."""
