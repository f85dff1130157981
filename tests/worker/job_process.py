"""Runs one job on a small tree, in a process of its own, without any sandbox."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PROGRAM = """
import importlib, json, sys
sys.path.insert(0, {root!r})
sys.dont_write_bytecode = True
from rsi_sandbox.worker.context import Context
job = importlib.import_module("rsi_sandbox.worker.jobs." + {kind!r})
answer = job.run(json.loads({args!r}), Context({tree!r}, {tmp!r}))
open({out!r}, "w").write(json.dumps(answer))
"""


def run_job(kind: str, tmp_path: Path, files: dict[str, str], **args: Any) -> dict[str, Any]:
    tree, tmp = tmp_path / "tree", tmp_path / "tmp"
    tmp.mkdir(exist_ok=True)
    for name, text in files.items():
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    out = tmp_path / "answer.json"
    out.unlink(missing_ok=True)
    args.setdefault("roots", ["."])
    program = PROGRAM.format(
        root=str(ROOT), kind=kind, args=json.dumps(args), tree=str(tree), tmp=str(tmp), out=str(out)
    )
    done = subprocess.run(
        [sys.executable, "-I", "-B", "-c", program], capture_output=True, text=True, cwd=tree, check=False
    )
    assert out.exists(), done.stdout + done.stderr
    answer: dict[str, Any] = json.loads(out.read_text())
    answer["stderr"] = done.stderr
    return answer
