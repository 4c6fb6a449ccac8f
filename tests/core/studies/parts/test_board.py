"""Shares and stops, by memory here and by files elsewhere."""

import pickle

import pytest

from core.studies.parts.board import Board, StoppedError


def test_a_share_reported_here_is_there_and_never_falls() -> None:
    with Board(2) as board:
        progress = board.progress(1)
        assert board.shares() == [None, None]
        progress(0.0, "")
        assert board.shares() == [None, 0.0]
        progress(0.5, "")
        progress(0.25, "")
        assert board.shares() == [None, 0.5]
        assert not board._folder.is_made  # no file for what stays in one process


def test_a_share_reported_elsewhere_travels_by_a_file() -> None:
    with Board(2) as board:
        progress = pickle.loads(pickle.dumps(board.progress(0)))
        assert len(pickle.dumps(board.progress(0))) < 500
        progress(0.375, "")
        assert board.shares() == [0.375, None]
        (board.folder / "0.share").write_text("")  # as it is found while it is being written
        assert board.shares() == [0.375, None]
        folder = board.folder
    assert not folder.exists()


def test_a_stop_ends_both_at_their_next_call() -> None:
    with Board(3) as board:
        here, there = board.progress(0), pickle.loads(pickle.dumps(board.progress(1)))
        here(0.1, "")
        there(0.1, "")
        board.stop()
        for progress in (here, there, pickle.loads(pickle.dumps(board.progress(2)))):
            with pytest.raises(StoppedError):
                progress(0.2, "")


def test_a_stop_is_seen_by_a_cell_that_leaves_for_elsewhere_after_it() -> None:
    with Board(1) as board:
        board.stop()
        progress = pickle.loads(pickle.dumps(board.progress(0)))  # the folder is made only now
        with pytest.raises(StoppedError):
            progress(0.0, "")


def test_a_cell_whose_study_has_gone_ends() -> None:
    with Board(1) as board:
        progress = pickle.loads(pickle.dumps(board.progress(0)))
        progress(0.0, "")
    with pytest.raises(StoppedError):
        progress(0.5, "")
