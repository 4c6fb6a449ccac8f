"""A gate for build pipelines: bounds in a file, checked on vectors, on an index, or on both."""

from core.gate.bounds import (
    Bound,
    Bounds,
    DataSettings,
    DuplicatesBound,
    FarBound,
    IndexSettings,
    LostBound,
    MemoryBound,
    MissingBound,
    NormDriftBound,
    OpisBound,
    PairSettings,
    QuerySettings,
    RecallBound,
    ServedBound,
    TarBound,
)
from core.gate.bounds_file import bounds_text, parse_bounds, read_bounds
from core.gate.checking import check, check_files
from core.gate.drift import norm_drift
from core.gate.json_report import SCHEMA, json_text
from core.gate.junit import junit_text
from core.gate.page import html_page
from core.gate.report import Checked, GateReport

__all__ = [
    "SCHEMA",
    "Bound",
    "Bounds",
    "Checked",
    "DataSettings",
    "DuplicatesBound",
    "FarBound",
    "GateReport",
    "IndexSettings",
    "LostBound",
    "MemoryBound",
    "MissingBound",
    "NormDriftBound",
    "OpisBound",
    "PairSettings",
    "QuerySettings",
    "RecallBound",
    "ServedBound",
    "TarBound",
    "bounds_text",
    "check",
    "check_files",
    "html_page",
    "json_text",
    "junit_text",
    "norm_drift",
    "parse_bounds",
    "read_bounds",
]
