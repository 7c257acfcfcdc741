"""Work orders at the terminal: jobs, their pages, and opening one."""
