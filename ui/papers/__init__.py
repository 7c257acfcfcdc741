"""Papers at the terminal: made of a job, a quote or a payment, kept with it, and put on paper where there is a printer."""
