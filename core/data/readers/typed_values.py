"""Values of JSON that state their type in an object of one name, as some databases write them.

DynamoDB: {"S": "text"}, {"N": "0.5"}, {"L": [...]}, {"M": {...}}
(https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html).
MongoDB: {"$numberDouble": "0.5"}
(https://www.mongodb.com/docs/manual/reference/mongodb-extended-json/).
Firestore: {"doubleValue": 0.5}, {"arrayValue": {"values": [...]}}
(https://cloud.google.com/firestore/docs/reference/rest/v1/Value).
"""

import re
from typing import Any

NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|NaN|[+-]?Infinity")
WHOLE = re.compile(r"[+-]?\d{1,4000}")
TEXTS = ("S", "stringValue", "timestampValue", "referenceValue")
NUMBERS = (
    "N",
    "$numberDouble",
    "$numberInt",
    "$numberLong",
    "$numberDecimal",
    "doubleValue",
    "integerValue",
)
LISTS = ("L", "SS", "NS")
FLAGS = ("BOOL", "booleanValue")
WITHIN = {"arrayValue": "values", "mapValue": "fields"}


def without_type(value: Any) -> Any:
    """The value alone; anything else as it is.

    >>> without_type({"N": "0.5"}), without_type({"S": "a"}), without_type({"N": 0.5})
    (0.5, 'a', {'N': 0.5})
    """
    if not isinstance(value, dict) or len(value) != 1:
        return value
    (name, part), *_ = value.items()
    if (name in TEXTS and isinstance(part, str)) or (name in FLAGS and isinstance(part, bool)):
        return part
    if name in NUMBERS:
        return _number(name, part, value)
    if (name in LISTS and isinstance(part, list)) or (name == "M" and isinstance(part, dict)):
        return part
    if (name == "NULL" and part is True) or (name == "nullValue" and part is None):
        return None
    if name in WITHIN and isinstance(part, dict) and part.keys() <= {WITHIN[name]}:
        return part.get(WITHIN[name], [])
    return value


def is_typed(values: list[Any]) -> bool:
    """Whether each of the values states its type."""
    return bool(values) and all(without_type(value) is not value for value in values)


def _number(name: str, part: object, value: dict[str, Any]) -> Any:
    if isinstance(part, str) and WHOLE.fullmatch(part):
        return int(part)
    if isinstance(part, str) and NUMBER.fullmatch(part):
        return float(part)
    return part if name.endswith("Value") and isinstance(part, int | float) else value
