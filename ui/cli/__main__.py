"""`python -m ui.cli`."""

import sys

from ui.cli.program import main

sys.exit(main())
