"""Django's own command line, for developers; operators use ./anlan."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.site.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
