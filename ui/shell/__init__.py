"""Shell: the window around every screen: the rail, the scan line, the status, the action bar, and who works here now."""
