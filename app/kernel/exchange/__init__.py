"""Exchange: files of records in and out of the program, as commands and questions of whoever does it."""
