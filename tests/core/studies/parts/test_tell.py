"""Shares and stops, told by memory here and by files elsewhere."""

import pickle

import pytest

from core.studies.parts.tell import Board, StoppedError


def test_a_share_told_here_is_there_and_never_falls() -> None:
    with Board(2) as board:
        tell = board.tell(1)
        assert board.shares() == [None, None]
        tell(0.0)
        assert board.shares() == [None, 0.0]
        tell(0.5)
        tell(0.25)
        assert board.shares() == [None, 0.5]
        assert not board._folder.is_made  # no file for what stays in one process


def test_a_share_told_elsewhere_travels_by_a_file() -> None:
    with Board(2) as board:
        tell = pickle.loads(pickle.dumps(board.tell(0)))
        assert len(pickle.dumps(board.tell(0))) < 500
        tell(0.375)
        assert board.shares() == [0.375, None]
        (board.folder / "0.share").write_text("")  # as it is found while it is being written
        assert board.shares() == [0.375, None]
        folder = board.folder
    assert not folder.exists()


def test_a_stop_ends_both_at_their_next_call() -> None:
    with Board(3) as board:
        here, there = board.tell(0), pickle.loads(pickle.dumps(board.tell(1)))
        here(0.1)
        there(0.1)
        board.stop()
        for tell in (here, there, pickle.loads(pickle.dumps(board.tell(2)))):
            with pytest.raises(StoppedError):
                tell(0.2)


def test_a_stop_is_seen_by_a_cell_that_leaves_for_elsewhere_after_it() -> None:
    with Board(1) as board:
        board.stop()
        tell = pickle.loads(pickle.dumps(board.tell(0)))  # the folder is made only now
        with pytest.raises(StoppedError):
            tell(0.0)


def test_a_cell_whose_study_has_gone_ends() -> None:
    with Board(1) as board:
        tell = pickle.loads(pickle.dumps(board.tell(0)))
        tell(0.0)
    with pytest.raises(StoppedError):
        tell(0.5)
