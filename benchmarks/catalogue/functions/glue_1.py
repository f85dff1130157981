"""Configuration: merging layers, filling in references, flattening."""

import copy
import re

__all__ = ["flatten_settings", "interpolate_settings", "merge_layers"]


def deep_merge(base, override):
    """A new dict; dicts are merged, lists are joined without repeats, everything else is replaced."""
    result = copy.deepcopy(base)
    for key, value in override.items():
        if key.endswith("!"):
            result[key[:-1]] = copy.deepcopy(value)
        elif key in result and isinstance(result[key], dict) and isinstance(value, dict):
            result[key] = deep_merge(result[key], value)
        elif key in result and isinstance(result[key], list) and isinstance(value, list):
            for item in value:
                if item not in result[key]:
                    result[key] = result[key] + [copy.deepcopy(item)]
        elif value is None:
            result.pop(key, None)
        else:
            result[key] = copy.deepcopy(value)
    return result


def merge_layers(layers):
    """Merge configuration layers, later ones win. `key!` replaces without merging, None removes."""
    merged = {}
    for layer in layers:
        if layer is None:
            continue
        if not isinstance(layer, dict):
            raise TypeError(f"a layer is a dict, not {type(layer).__name__}")
        merged = deep_merge(merged, layer)
    return merged


class InterpolationError(ValueError):
    """A reference to nothing, or in a circle."""


def _get(settings, path):
    node = settings
    for part in path.split("."):
        if not isinstance(node, dict) or part not in node:
            raise InterpolationError(f"no setting {path}")
        node = node[part]
    if isinstance(node, dict):
        raise InterpolationError(f"{path} is a section")
    return node


def _replace_all(settings, root):
    changed = False
    result = {}
    for key, value in settings.items():
        if isinstance(value, dict):
            result[key], below = _replace_all(value, root)
            changed = changed or below
        elif isinstance(value, str) and "${" in value:
            result[key] = re.sub(r"\$\{([^}]+)\}", lambda match: str(_get(root, match.group(1))), value)
            if result[key] != value:
                changed = True
        else:
            result[key] = value
    return result, changed


def interpolate_settings(settings, max_rounds=20):
    """Replace `${section.key}` in strings until there is nothing left to replace."""
    for _ in range(max_rounds):
        settings, changed = _replace_all(settings, settings)
        if not changed:
            return settings
    raise InterpolationError("references in a circle")


def flatten_settings(settings, separator=".", keep_empty=False):
    """One level of dotted keys, sorted; lists become numbered keys."""
    flat = {}
    stack = [("", settings)]
    while stack:
        prefix, node = stack.pop()
        if isinstance(node, dict):
            children = node.items()
        elif isinstance(node, list):
            children = enumerate(node)
        else:
            flat[prefix] = node
            continue
        if not node and keep_empty and prefix:
            flat[prefix] = node
        for key, child in children:
            stack.append((f"{prefix}{separator}{key}" if prefix else str(key), child))
    return dict(sorted(flat.items()))
