"""`python -m rsi_sandbox` is the same as `rsi-sandbox`."""

from rsi_sandbox.cli import main

main()
