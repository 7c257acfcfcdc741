"""Old parts: the list, a page, and the flows that take them in and put them on their shelf."""
