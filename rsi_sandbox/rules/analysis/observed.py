"""What the record job saw of a function's arguments: evidence that guarded rules need, never a proof."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Seen:
    """One parameter over all recorded calls."""

    types: tuple[str, ...] = ()
    """Names of the types seen, sorted."""
    len_max: int = 0
    """Length of the longest value; 0 when no value had one."""
    hashable: bool = False
    """Whether every value, or every element of every container, could be hashed."""

    def only(self, *names: str) -> bool:
        """Whether something was seen and all of it was of these types."""
        return bool(self.types) and set(self.types) <= set(names)


@dataclass(frozen=True, slots=True)
class Observed:
    """One function over all recorded calls."""

    params: Mapping[str, Seen] = field(default_factory=dict)

    @classmethod
    def of(cls, types: Mapping[str, Mapping[str, object]]) -> "Observed":
        """From the `types` entry of one function in the record job's answer; unknown shapes are not evidence."""
        params: dict[str, Seen] = {}
        for name, seen in types.items():
            kinds, longest = seen.get("types"), seen.get("len_max")
            params[name] = Seen(
                tuple(sorted(str(kind) for kind in kinds)) if isinstance(kinds, list | tuple) else (),
                longest if isinstance(longest, int) else 0,
                seen.get("hashable") is True,
            )
        return cls(params)

    def param(self, name: str) -> Seen:
        """What was seen of one parameter; nothing, for a name that is none."""
        return self.params.get(name, Seen())
