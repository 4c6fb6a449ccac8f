"""BLAS has one thread where it is asked for, whoever asked before."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from threadpoolctl import threadpool_info

from core.blas import one_blas_thread
from tests.patience import PATIENCE


def threads() -> list[int]:
    """Of each BLAS whose threads are the process's; those of OpenMP are each thread's own."""
    return [
        each["num_threads"]
        for each in threadpool_info()
        if each["user_api"] == "blas" and each.get("threading_layer") != "openmp"
    ]


def limited() -> list[int]:
    with one_blas_thread():
        return threads()


def test_every_thread_is_heard_while_the_first_one_lives() -> None:
    np.ones((2, 2)) @ np.ones((2, 2))
    before = threads()
    with ThreadPoolExecutor(1) as first, ThreadPoolExecutor(1) as second:
        for pool in (first, second, first):
            assert set(pool.submit(limited).result(PATIENCE)) == {1}
            assert threads() == before
        with one_blas_thread():
            assert set(first.submit(limited).result(PATIENCE)) == {1}
            assert set(threads()) == {1}  # not before the last one leaves
        assert threads() == before
    assert set(limited()) == {1}


def test_the_last_to_leave_may_be_another_thread_than_the_first_to_come() -> None:
    before = threads()
    with ThreadPoolExecutor(1) as pool:
        one_blas_thread._enter()
        pool.submit(one_blas_thread._enter).result(PATIENCE)
        one_blas_thread._leave()
        assert set(threads()) == {1}
        pool.submit(one_blas_thread._leave).result(PATIENCE)
    assert threads() == before
