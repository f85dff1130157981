"""Checking payloads, fingerprints of data, CSV summaries."""

import csv
import hashlib
import io
from collections import defaultdict

__all__ = ["fingerprint_blobs", "summarise_csv", "validate_payloads"]


class ValidationError(Exception):
    def __init__(self, path, message):
        super().__init__(f"{path}: {message}")
        self.path = path


def _type_of(name):
    types = {
        "string": (str,),
        "integer": (int,),
        "number": (int, float),
        "boolean": (bool,),
        "list": (list,),
        "object": (dict,),
    }
    if name not in types:
        raise LookupError(f"unknown type {name}")
    return types[name]


def _check(value, schema, path):
    if value is None:
        if schema.get("nullable", False):
            return
        raise ValidationError(path, "must not be null")
    kinds = _type_of(schema["type"])
    if not isinstance(value, kinds) or (isinstance(value, bool) and schema["type"] != "boolean"):
        raise ValidationError(path, f"{schema['type']} expected, got {type(value).__name__}")
    if "choices" in schema and value not in schema["choices"]:
        raise ValidationError(path, f"{value!r} is not one of {', '.join(sorted(map(str, schema['choices'])))}")
    if "minimum" in schema and value < schema["minimum"]:
        raise ValidationError(path, f"less than {schema['minimum']}")
    if "max_length" in schema and len(value) > schema["max_length"]:
        raise ValidationError(path, f"longer than {schema['max_length']}")


def _validate(value, schema, path, errors):
    try:
        _check(value, schema, path)
    except ValidationError as error:
        errors.append(str(error))
        return
    if value is None:
        return
    if schema["type"] == "list" and "items" in schema:
        for index, item in enumerate(value):
            _validate(item, schema["items"], path + "[" + str(index) + "]", errors)
    if schema["type"] == "object":
        fields = schema.get("fields", {})
        for name in sorted(fields.keys()):
            if name not in value:
                if fields[name].get("required", True):
                    errors.append(f"{path}.{name}: is missing")
                continue
            _validate(value[name], fields[name], path + "." + name, errors)
        for name in sorted(value.keys()):
            if name not in fields and not schema.get("open", False):
                errors.append(f"{path}.{name}: is unknown")


def validate_payloads(payloads, schema):
    """All problems of each payload by its position; a payload without problems is not listed."""
    report = {}
    for position, payload in enumerate(payloads):
        errors = []
        _validate(payload, schema, "$", errors)
        if errors:
            report[position] = errors
    return report


def fingerprint_blobs(blobs, chunk_size=4096):
    """Groups of names whose content is the same, and a digest over everything in the order of the names."""
    groups = defaultdict(list)
    total = hashlib.sha256()
    for name in sorted(blobs):
        stream = io.BytesIO(blobs[name])
        digest = hashlib.blake2b(digest_size=16)
        while chunk := stream.read(chunk_size):
            digest.update(chunk)
        value = digest.hexdigest()
        groups[value].append(name)
        total.update(f"{name}\0{value}\n".encode())
    return [names for names in groups.values() if len(names) > 1], total.hexdigest()


def summarise_csv(stream, key, number):
    """Rows, sum, lowest and highest of a numeric column by a key column; rows that are no number are counted apart."""
    reader = csv.reader(stream)
    try:
        header = next(reader)
    except StopIteration:
        return {}, 0
    key_place = header.index(key)
    number_place = header.index(number)
    groups = defaultdict(list)
    bad = 0
    for row in reader:
        try:
            groups[row[key_place]].append(int(row[number_place]))
        except (ValueError, IndexError):
            bad += 1
    return {
        name: {"rows": len(numbers), "sum": sum(numbers), "low": min(numbers), "high": max(numbers)}
        for name, numbers in sorted(groups.items())
        if numbers
    }, bad
