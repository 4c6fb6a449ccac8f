"""The visitor of `benchmarks/load.py` speaks to the server as Streamlit's own frontend does."""

from benchmarks._visitor import Visitor
from tests import loops


def test_a_visitor_gets_a_page_and_moves_a_control_of_it(app_url: str) -> None:
    async def visit() -> list[str]:
        async with Visitor(app_url, "neighbors") as visitor:
            await visitor.arrive()
            await visitor.settle()
            titles = [_title(visitor)]
            for turn in (1, 0):
                told = await visitor.move("k", turn)
                titles.append(_title(visitor))
                assert told.messages > 10
            return titles

    first, moved, back = loops.run(visit())
    assert "the index finds 10 of the 10 nearest" in first
    assert "the index finds 11 of the 11 nearest" in moved
    assert back == first


def _title(visitor: Visitor) -> str:
    return next(each.heading.body for each in visitor.elements() if each.HasField("heading"))
