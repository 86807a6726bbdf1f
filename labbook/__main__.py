"""`python -m labbook` is the `labbook` command."""

from .cli import main

main()
