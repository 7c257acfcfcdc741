"""Kit: the parts that every screen is made of."""
