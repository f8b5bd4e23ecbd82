"""A value against a schema of an OpenAPI 3.0 description: as much of it as such descriptions here use."""

import re

KINDS = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool}
KEYWORDS = {"type", "required", "properties", "additionalProperties", "pattern", "enum", "minimum", "description", "format",
            "maxLength", "example"}


def check(value, schema, where="$"):
    unknown = set(schema) - KEYWORDS
    if unknown:
        raise ValueError(f"{where}: the schema uses {unknown}, which nobody checks")
    kind = KINDS[schema["type"]]
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise ValueError(f"{where}: {value!r} is not {schema['type']}")
    if "enum" in schema and value not in schema["enum"]:
        raise ValueError(f"{where}: {value!r}")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        raise ValueError(f"{where}: {value!r}")
    if len(value) > schema.get("maxLength", 1 << 20) if kind is str else False:
        raise ValueError(f"{where}: too long")
    if kind is int and value < schema.get("minimum", value):
        raise ValueError(f"{where}: {value}")
    if kind is dict:
        _object(value, schema, where)


def _object(value, schema, where):
    missing = set(schema.get("required", ())) - set(value)
    unknown = set(value) - set(schema["properties"]) if not schema.get("additionalProperties", True) else set()
    if missing or unknown:
        raise ValueError(f"{where}: missing {missing}, unknown {unknown}")
    for key, item in value.items():
        if key in schema["properties"]:
            check(item, schema["properties"][key], f"{where}.{key}")
