"""Messages on a pipe: the length of each in 8 bytes, then its content."""

from typing import IO

LENGTH = 8


def send(pipe: IO[bytes], content: bytes) -> None:
    """Write one message."""
    pipe.write(len(content).to_bytes(LENGTH, "little"))
    pipe.write(content)
    pipe.flush()


def receive(pipe: IO[bytes]) -> bytes:
    """Read one message; raises EOFError where the pipe ends."""
    return _exactly(pipe, int.from_bytes(_exactly(pipe, LENGTH), "little"))


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    content = pipe.read(size)
    if len(content) < size:
        raise EOFError
    return content
