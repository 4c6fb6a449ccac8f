"""A reverse proxy on this machine that says who asks: `python -m ... PORT TARGET HEADER PERSON`.

It passes bytes on in both directions, so that websockets go through, and adds the header to the
head of each request, in place of one that the browser has sent.
"""

import asyncio
import sys
from dataclasses import dataclass

END = b"\r\n\r\n"


@dataclass(frozen=True)
class Proxy:
    """target: the port to pass requests on to. header, person: added to each."""

    target: int
    header: str
    person: str

    def head(self, received: bytes) -> bytes:
        """The head of a request as it is passed on; but for a websocket it is the only one."""
        first, *lines = received.removesuffix(END).split(b"\r\n")
        names = {self.header.lower().encode(), b"x-forwarded-for"}
        upgrades = any(line.lower().startswith(b"upgrade:") for line in lines)
        added = [f"{self.header}: {self.person}".encode(), b"X-Forwarded-For: 203.0.113.9"]
        if not upgrades:
            names.add(b"connection")
            added.append(b"Connection: close")
        kept = [line for line in lines if line.partition(b":")[0].lower() not in names]
        return b"\r\n".join([first, *kept, *added]) + END

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass one connection on."""
        try:
            received = await reader.readuntil(END)
            there, to_there = await asyncio.open_connection("127.0.0.1", self.target)
            to_there.write(self.head(received))
            await asyncio.gather(pass_on(reader, to_there), pass_on(there, writer))
        except (OSError, asyncio.IncompleteReadError):
            writer.close()


async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on what comes until it ends."""
    try:
        while content := await reader.read(2**16):
            writer.write(content)
            await writer.drain()
    except OSError:
        pass  # one of the two is gone
    finally:
        writer.close()


async def serve(port: int, proxy: Proxy) -> None:
    """Run until the process ends."""
    server = await asyncio.start_server(proxy.answer, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Proxy(int(sys.argv[2]), sys.argv[3], sys.argv[4])))
