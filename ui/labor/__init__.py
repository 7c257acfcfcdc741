"""Clocks on the screen: my jobs, the running clock beside the status, who works on what, attendance and shifts."""
