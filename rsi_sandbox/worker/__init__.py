"""The only code that runs inside a sandbox: standard library and pytest, and nothing else of this package.

It is sent over the worker's stdin at boot (see `rsi_sandbox.sandbox.session`), so every image with a Python
and a pytest can run it and its bytes are part of what a run seals. It holds no expected answer, no policy,
no secret and no verdict.
"""
