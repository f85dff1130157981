"""Makes Python code faster by itself, safely.

Optimizers propose rewrites of a target, each candidate is tested and measured inside a sandbox, a policy
gate accepts it or rolls it back, and every step goes into a lineage that anyone can verify.
"""

__version__ = "0.1.0"
