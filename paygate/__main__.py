"""`python -m paygate`."""

from paygate.cli import main

main()
