"""The only code that changes the user's working tree: `apply`, `pick`, `rollback`, and `recover` after a crash."""

from rsi_sandbox.workspace.change import Change, Told, apply, pick, rollback
from rsi_sandbox.workspace.journal import recover
from rsi_sandbox.workspace.plan import FileChange, plan

__all__ = ["Change", "FileChange", "Told", "apply", "pick", "plan", "recover", "rollback"]
