"""A slow or hostile HTTP client is met with deadlines and bounds; an honest slow one is served."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator

import pytest

from realtime.hub.slowlane import Http
from tests.hub.wires import Raw, Receive, Scope, Send, echo, raw, serving

GET = b"GET / HTTP/1.1\r\nhost: test\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n0"


class Strict(Http):
    """The same rules with little patience."""

    HEADER_S = 0.3
    BODY_S = 0.3
    BODY_RATE = 1000
    UNREAD_S = 0.3
    LINGER_S = 0.3


@pytest.fixture(autouse=True)
def no_traceback(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.INFO)
    yield
    bad = [r for r in caplog.get_records("call") if r.levelno >= logging.ERROR or r.exc_info]
    assert [record.getMessage() for record in bad] == []


async def answered(client: Raw) -> bool:
    head = await client.head()
    assert head.startswith("HTTP/1.1 200"), head
    await client.reader.readexactly(1)
    return True


async def test_a_silent_connection_is_closed_without_a_word() -> None:
    async with serving(echo, http=Strict) as port, raw(port) as client:
        started_at = time.monotonic()
        assert await client.ended() == b""
        assert time.monotonic() - started_at >= Strict.HEADER_S * 0.9


@pytest.mark.parametrize("start", [b"G", GET[:-2], b"\r\n\r\n", b"GET / HTTP/1.1\r\ncookie: x"])
async def test_a_head_that_does_not_end_is_given_up(start: bytes) -> None:
    async with serving(echo, http=Strict) as port, raw(port) as client:
        client.send(start)
        assert (await client.ended())[:12] in (b"HTTP/1.1 408", b"")


async def test_dripping_does_not_buy_time() -> None:
    async with serving(echo, http=Strict) as port, raw(port) as client:
        ended = asyncio.create_task(client.ended())
        client.send(b"GET / HTTP/1.1\r\n")
        started_at = time.monotonic()
        while not ended.done():
            client.send(b"x: y\r\n")
            await asyncio.sleep(0.02)
        assert b"408" in await ended
        assert time.monotonic() - started_at < 3


async def test_empty_lines_between_requests_do_not_buy_time() -> None:
    async with serving(echo, http=Strict, timeout_keep_alive=60) as port, raw(port) as client:
        client.send(GET)
        await answered(client)
        ended = asyncio.create_task(client.ended())
        started_at = time.monotonic()
        while not ended.done():
            client.send(b"\r\n")
            await asyncio.sleep(0.02)
        assert time.monotonic() - started_at < 3


async def test_a_second_request_has_its_own_deadline_and_idling_has_uvicorns() -> None:
    async with serving(echo, http=Strict, timeout_keep_alive=1) as port, raw(port) as client:
        for _ in range(3):
            client.send(GET)
            await answered(client)
            await asyncio.sleep(Strict.HEADER_S * 1.5)
        assert await client.ended() == b""


async def test_a_slow_head_of_a_later_request_is_given_up_too() -> None:
    async with serving(echo, http=Strict, timeout_keep_alive=60) as port, raw(port) as client:
        client.send(GET)
        await answered(client)
        client.send(GET[:-2])
        assert (await client.ended()).startswith(b"HTTP/1.1 408")


async def test_a_websocket_outlives_the_deadlines_of_http() -> None:
    async with serving(echo, http=Strict) as port, raw(port) as client:
        await client.upgrade()
        await asyncio.sleep(Strict.HEADER_S * 2)
        client.frame(b"hello")
        assert await client.text() == "hello"


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\ncookie: " + b"x" * 200_000,
        b"GET /" + b"x" * 200_000,
        b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 30_000,
        b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1;" + b"x" * 200_000,
        b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n0\r\nx: " + b"y" * 200_000,
    ],
)
async def test_a_head_without_end_is_refused(data: bytes) -> None:
    async with serving(echo) as port, raw(port) as client:
        client.send(data)
        assert (await client.ended()).startswith(b"HTTP/1.1 4")


async def test_a_thousand_requests_in_one_write_end_the_connection() -> None:
    async with serving(echo) as port, raw(port) as client:
        client.send(GET * 1000)
        assert len(await client.ended()) < 1000 * len(ANSWER)


async def test_a_few_pipelined_requests_are_answered_in_order() -> None:
    async with serving(echo) as port, raw(port) as client:
        client.send(GET * 10)
        for _ in range(10):
            assert await answered(client)


async def test_a_body_that_stops_is_given_up() -> None:
    async with serving(echo, http=Strict) as port, raw(port) as client:
        client.send(b"POST / HTTP/1.1\r\ncontent-length: 10000\r\n\r\nsome")
        assert (await client.ended()).startswith(b"HTTP/1.1 408")


async def test_a_body_that_drips_is_given_up() -> None:
    async with serving(echo, http=Strict) as port, raw(port) as client:
        client.send(b"POST / HTTP/1.1\r\ncontent-length: 10000\r\n\r\n")
        ended = asyncio.create_task(client.ended())
        started_at = time.monotonic()
        while not ended.done():
            client.send(b"x")
            await asyncio.sleep(0.02)
        assert b"408" in await ended
        assert time.monotonic() - started_at < 3


async def test_a_slow_upload_that_keeps_coming_is_served() -> None:
    """The same shape as 16 MiB over a line of 100 KB/s, in less time."""
    size, rate = 3000, Strict.BODY_RATE * 2
    async with serving(echo, http=Strict) as port, raw(port) as client:
        client.send(b"POST / HTTP/1.1\r\ncontent-length: %d\r\n\r\n" % size)
        started_at = time.monotonic()
        for _ in range(size // 50):
            client.send(b"x" * 50)
            await asyncio.sleep(50 / rate)
        assert time.monotonic() - started_at > Strict.BODY_S * 3
        assert (await client.head()).startswith("HTTP/1.1 200")
        assert await client.reader.readexactly(4) == b"3000"


def test_sixteen_megabytes_over_a_slow_line_keep_the_pace() -> None:
    assert Http.BODY_RATE * 10 <= 100_000


async def test_an_application_that_takes_its_time_is_not_the_clients_fault() -> None:
    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(Strict.BODY_S * 3)
        await echo(scope, receive, send)

    async with serving(slow, http=Strict) as port, raw(port) as client:
        size = 500_000  # more than is read ahead of the application
        client.send(b"POST / HTTP/1.1\r\ncontent-length: %d\r\n\r\n" % size + b"x" * size)
        assert (await client.head()).startswith("HTTP/1.1 200")
        assert await client.reader.readexactly(6) == b"500000"


async def test_a_client_that_does_not_read_the_answer_is_dropped() -> None:
    done = asyncio.Event()

    async def generous(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(500):
            await send({"type": "http.response.body", "body": b"x" * 60_000, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        done.set()

    async with serving(generous, http=Strict) as port, raw(port) as client:
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        client.send(GET)
        await asyncio.wait_for(done.wait(), 10)  # its sends have come to nothing


async def test_a_client_that_reads_slowly_is_served() -> None:
    size = 6_000_000

    async def generous(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-length", str(size).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for _ in range(100):
            body = {"type": "http.response.body", "body": b"x" * (size // 100), "more_body": True}
            await send(body)
        await send({"type": "http.response.body", "body": b""})

    async with serving(generous, http=Strict) as port, raw(port) as client:
        client.send(GET)
        await client.head()
        got = 0
        while got < size:
            got += len(await asyncio.wait_for(client.reader.read(100_000), 10))
            await asyncio.sleep(0.01)
        assert got == size


async def test_rubbish_is_answered_once() -> None:
    async with serving(echo) as port, raw(port) as client:
        client.send(b"\x16\x03\x01 this is no HTTP\r\n\r\n" * 10)
        answer = await client.ended()
        assert answer.count(b"HTTP/1.1 400") == 1


async def test_two_hundred_slow_clients_are_gone_and_others_are_served_meanwhile() -> None:
    async with serving(echo, http=Strict) as port:
        idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(200)]
        for _, writer in idle[:100]:
            writer.write(b"GET / HTTP/1.1\r\nx: ")
        async with raw(port) as client:
            client.send(GET)
            await answered(client)
        async with asyncio.timeout(5):
            for reader, writer in idle:
                await reader.read()
                writer.close()
                await writer.wait_closed()
