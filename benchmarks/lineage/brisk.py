"""The command line with the measuring cut short: the loop, the sandbox, the gate and the record are the real ones.

What is killed here is the record, and a run that measures for seconds instead of a minute can be killed more often.
Three launches per comparison are enough for the tiny target's tenfold gain; the policy is the default one.
"""

from rsi_sandbox import trial
from rsi_sandbox.cli import main
from rsi_sandbox.oracles import benchmark


def shorten() -> None:
    """Fewer launches in this process."""
    trial.LOOKS = (3, 6)  # type: ignore[attr-defined]
    trial.CONFIRM_LOOKS = (3, 6)  # type: ignore[attr-defined]
    trial.NOISE_SECONDS = 0.3
    trial.SCREEN_CALLS, trial.CONFIRM_CALLS = 20, 310
    benchmark._launch.__kwdefaults__["pairs"] = (3, 5)
    benchmark.CASE_BUDGET_NS = 50_000_000


if __name__ == "__main__":
    shorten()
    main()
