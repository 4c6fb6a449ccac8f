"""The player: bytes of a scene and of a search, and milliseconds of a hop in the browser.

    python -m benchmarks.playback [rows ...]

Chromium draws in software unless the machine has a GPU, so a hop is also given as a share of
drawing all the layers anew.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, sync_playwright

from benchmarks._timing import clustered
from core.figures import Played, Scene, drawn_rows, player_page, replay_bytes, scene_bytes
from core.index import HnswGraph, HnswParams, build_hnsw, row_distances, trace_search
from core.projection import project_pca
from core.studies import explain_misses, query_truth
from tests.browser.harness import launch

SIZES = (5_000, 100_000)
DIM, K = 32, 10
EFS = (40, 200)
PLAY = """async () => {
  const player = document.querySelector("#player").nearfieldPlayer;
  const view = player.panes[0].view;
  const pixel = new Uint8Array(4);
  const settle = (gl) => gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
  const timed = (draw, gl) => {
    const start = performance.now();
    draw();
    settle(gl);
    return performance.now() - start;
  };
  const hop = (number) => timed(() => {
    view.draw(number);
    player.panes[0].chart.draw(number);
  }, view.painter.gl);
  const turn = () => timed(() => view.drawLayers(), view.base.gl);
  hop(0);
  const hops = [...Array(player.lastHop + 1).keys()].map(hop);
  return [hops, [1, 2, 3, 4, 5].map(turn)];
}"""


def main(sizes: list[int]) -> None:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for n in sizes:
            rows, queries = clustered(n, DIM, queries=1)
            graph = build_hnsw(rows, HnswParams("euclidean", threads=2))
            start = time.perf_counter()
            names = np.array([f"item {row}" for row in range(n)])
            place = project_pca(rows, components=2).coordinates
            scene = Scene(graph, place, drawn_rows(graph), names)
            name, content = scene_bytes(scene)
            seconds = time.perf_counter() - start
            print(
                f"{n:,} rows: {len(scene.rows):,} nodes drawn, scene {len(content) / 1e6:.2f} MB "
                f"made in {seconds:.2f} s, once for all searches"
            )
            for ef in EFS:
                _play(browser, graph, scene, name, content, rows, queries, ef)
        browser.close()


def _play(
    browser: Browser,
    graph: HnswGraph,
    scene: Scene,
    name: str,
    content: bytes,
    rows: np.ndarray,
    queries: np.ndarray,
    ef: int,
) -> None:
    truth = query_truth(graph, rows, queries[0], K)
    distances = row_distances(graph, queries[0])
    trace = trace_search(graph, queries[0], K, ef)
    start = time.perf_counter()
    misses = explain_misses(graph, rows, truth, trace, distances)
    played = Played(trace, truth.exact, -1, "query", misses, distances)
    replay = replay_bytes(scene, name, [played], chosen=-1)
    seconds = time.perf_counter() - start
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "player.html"
        path.write_text(player_page(content, replay, title="benchmark"), encoding="utf-8")
        page = browser.new_page(viewport={"width": 1400, "height": 800})
        page.goto(path.as_uri())
        page.wait_for_timeout(1500)
        hops, turns = page.evaluate(PLAY)
        page.close()
    median, slow, turn = np.median(hops), np.percentile(hops, 95), np.median(turns)
    print(
        f"  ef {ef}: {len(trace.hops)} hops in {len(replay) / 1e3:.0f} kB made in "
        f"{1000 * seconds:.0f} ms; a hop is drawn in {median:.1f} ms (95 %: {slow:.1f} ms), "
        f"{median / turn:.2f} of drawing all layers anew, as a turn does ({turn:.0f} ms)"
    )


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or list(SIZES))
