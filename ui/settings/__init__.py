"""Settings: what can be set, at whichever holder, on one page made from the declarations."""
