"""Which distances count as equal, and that all who ask use one rule."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from core import ties
from core.ties import are_tied, tie_limit


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        # 1e-6 of 5 is 5e-6, whatever the sign
        (5.0, 5.000004, True),
        (5.0, 5.000006, False),
        (-5.0, -5.000004, True),
        (-5.0, -5.000006, False),
        # short distances are told apart as well as long ones
        (1e-9, 1.0000005e-9, True),
        (1e-9, 1.1e-9, False),
        # of 0 only what rounding leaves is equal
        (0.0, 5e-16, True),
        (0.0, 1e-14, False),
        (np.nan, np.nan, False),
        (np.nan, 0.0, False),
        (np.inf, 1.0, False),
    ],
)
def test_equal_to_a_millionth(left: float, right: float, equal: bool) -> None:
    assert are_tied(left, right).tolist() is equal
    assert are_tied(right, left).tolist() is equal


def test_arrays_are_compared_place_by_place() -> None:
    assert are_tied([[1.0, 2.0]], [[1.0], [2.0]]).tolist() == [[True, False], [False, True]]
    np.testing.assert_allclose(tie_limit(np.array([1.0, 4.0])), [1.000001, 4.000004], rtol=1e-12)


def test_the_kernels_compile_the_same_rule() -> None:
    from core.index.kernels import hits

    for distance in (0.0, 1e-9, 5.0, -5.0):
        assert hits._tie_limit(distance) == tie_limit(distance)
    assert np.isnan(hits._tie_limit(np.nan))


def test_compiled_code_is_kept_under_the_name_of_the_rule() -> None:
    """Else a change of the rule would go on running as it was compiled before."""
    from core.index.kernels import compile as compiler

    files = [*sorted(Path(compiler.__file__).parent.glob("*.py")), Path(ties.__file__)]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
    assert compiler.FOLDER is not None
    assert compiler.FOLDER.endswith(f"kernels-{digest[:16]}")
