"""Where a job runs: the candidate's tree, its own scratch directory, and how its packages are imported."""

import importlib
import importlib.util
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType


@dataclass(frozen=True, slots=True)
class Context:
    """Paths inside the sandbox."""

    tree: str
    """Absolute path of the materialised candidate tree; the working directory, not writable."""
    tmp: str
    """Absolute path of a directory of its own that the candidate may write to."""
    arms: tuple[str, ...] = ()
    """Absolute paths of the trees to compare, for jobs that compare two."""

    def enter(self, roots: Sequence[str]) -> None:
        """Put the tree's import roots (relative directories) first on sys.path, in their order."""
        sys.path[:0] = [str(Path(self.tree, root).resolve()) for root in roots]

    def load(self, module: str) -> ModuleType:
        """Import a dotted name, or a file of the tree when the name ends in .py.

        A file is imported under its dotted path (`benchmarks/bench_words.py` -> `benchmarks.bench_words`), so that
        its functions can be pickled by reference. Raises whatever the module raises.
        """
        if not module.endswith(".py"):
            return importlib.import_module(module)
        name = module.removesuffix(".py").replace("/", ".")
        if name in sys.modules:
            return sys.modules[name]
        spec = importlib.util.spec_from_file_location(name, Path(self.tree, module))
        if spec is None or spec.loader is None:
            raise ImportError(f"{module} can't be imported")
        loaded = importlib.util.module_from_spec(spec)
        sys.modules[name] = loaded
        spec.loader.exec_module(loaded)
        return loaded

    def module_name(self, path: str, roots: Sequence[str]) -> str:
        """Dotted import name of a file of the tree, under the longest import root that holds it."""
        best = ""
        for root in roots:
            prefix = "" if root in ("", ".") else root.rstrip("/") + "/"
            if path.startswith(prefix) and len(prefix) >= len(best):
                best = prefix
        dotted = path[len(best) :].removesuffix(".py").replace("/", ".")
        return dotted.removesuffix(".__init__")
