"""Queries in blocks over threads: the kernels release the interpreter's lock."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from core.checks import check_count
from core.limits import default_threads
from core.progress import CountProgress, unheard

QUERIES_PER_BLOCK = 1024


def run_in_blocks(
    queries: int,
    run: Callable[[slice], None],
    *,
    threads: int | None = None,
    progress: CountProgress | None = None,
) -> None:
    """Call `run` with slices that cover range(queries), on `threads` threads (default: all cores).

    progress: called as progress(queries done, queries) after each block, in the calling thread; an
    exception that it raises stops the work before the next block.
    """
    workers = default_threads() if threads is None else check_count(threads, "threads")
    size = max(1, min(QUERIES_PER_BLOCK, -(-queries // workers)))
    report = progress or unheard
    blocks = [slice(start, min(start + size, queries)) for start in range(0, queries, size)]
    if workers == 1 or len(blocks) <= 1:
        for block in blocks:
            run(block)
            report(block.stop, queries)
        return
    with ThreadPoolExecutor(min(workers, len(blocks))) as pool:
        try:
            for block, _ in zip(blocks, pool.map(run, blocks), strict=True):
                report(block.stop, queries)
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
