"""Parts issue at the terminal: handing parts out to a job, and taking them back."""
