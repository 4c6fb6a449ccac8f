"""BLAS is on one thread wherever work asks for it, whichever thread of the process asks."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from threadpoolctl import ThreadpoolController, threadpool_info

from core.blas import one_blas_thread


def threads() -> set[int]:
    return {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}


@pytest.fixture
def two_threads() -> Iterator[None]:
    """BLAS on two threads, set by this thread, which lives on, as one that ran a job before does."""
    with one_blas_thread():
        np.ones((2, 2)) @ np.ones((2, 2))
    with ThreadpoolController().limit(limits=2, user_api="blas"):
        yield


@pytest.mark.usefixtures("two_threads")
def test_each_thread_of_a_process_is_heeded() -> None:
    assert threads() == {2}
    with ThreadPoolExecutor(1) as pool:
        held = one_blas_thread()
        pool.submit(held.__enter__).result()  # in a thread that goes on to live
        assert threads() == {1}
        with one_blas_thread():
            pool.submit(held.__exit__, None, None, None).result()
            assert threads() == {1}  # while this one still needs it
        assert threads() == {2}  # as it was before, though another thread has set it
