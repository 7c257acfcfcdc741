"""Services on screens: procedures with their steps and parts, and packages."""
