"""Checking somebody's record: bytes, roots, signatures, verdicts, and whether the same comes out again.

It believes nothing that it can compute, says what it could not check, and repairs nothing.
"""

from rsi_sandbox.audit.check import Check
from rsi_sandbox.audit.verify import Report, verify

__all__ = ["Check", "Report", "verify"]
