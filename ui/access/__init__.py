"""People at the terminal: who works here, their badges and their PINs."""
