"""The hub's half: takes envelopes, keeps their verdicts, and hands out rows in a numbered feed."""
