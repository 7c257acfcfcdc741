"""Parts at the terminal: the catalogue, a part's page, and teaching a code."""
