"""The figures of an index by hand on two islands, and against search, truth and census."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from core.index import HnswGraph, HnswParams, build_hnsw, census, exact_neighbors, search
from core.spaces import METRICS, Metric
from core.studies import QuerySet, given_queries, health
from core.studies import health as health_of_studies  # noqa: F401
