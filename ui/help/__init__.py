"""Help: the handbook within the window, the page for the screen in front, and what is new since somebody was here last."""
