"""Rate buckets in one Redis: what is asked in a loop turn is one script, behind a breaker."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from dataclasses import dataclass
from typing import Final

from realtime.hub.wire import OUTAGE, Connect, Outage, Wire

ASK_S: Final = 0.25  # for an answer; whoever gets none in time is judged by this process alone
RETRY_S: Final = (1.0, 5.0)  # between looks at a Redis that is out: first, longest
BATCH: Final = 256  # asks in one script
WAITING: Final = 10_000  # asks that wait for the next batch; further ones get no answer

# A bucket is the time at which each of its windows is full again, in seconds of Redis's clock,
# which is the only one that all processes share. A bucket that is full has no key.
# An ask is `cost (per_s/count per_s)...`; a negative cost puts back. An answer is the seconds to
# wait, 0 if it was taken, and for each window the seconds until it is full.
SCRIPT: Final = b"""
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local function numbers(text)
  local found = {}
  for each in string.gmatch(text, '%S+') do found[#found + 1] = tonumber(each) end
  return found
end
local answers = {}
for i, key in ipairs(KEYS) do
  local ask = numbers(ARGV[i])
  local known = numbers(redis.call('GET', key) or '')
  local cost, later, wait, last = ask[1], {}, 0, now
  for w = 1, (#ask - 1) / 2 do
    local a_token, per_s = ask[2 * w], ask[2 * w + 1]
    -- Never more than an empty bucket owes: this clock, or another one before it, may have jumped.
    known[w] = math.min(math.max(known[w] or now, now), now + per_s)
    later[w] = known[w] + cost * a_token
    wait = math.max(wait, later[w] - now - per_s)
  end
  if wait > 0.000001 and cost > 0 then later = known else wait = 0 end
  local words = {string.format('%.6f', wait)}
  local stored = {}
  for w, full_at in ipairs(later) do
    last = math.max(last, full_at)
    words[w + 1] = string.format('%.6f', math.max(0, full_at - now))
    stored[w] = string.format('%.6f', full_at)
  end
  if wait == 0 then
    if last > now then
      redis.call('SET', key, table.concat(stored, ' '), 'PX', math.ceil((last - now) * 1000))
    else
      redis.call('DEL', key)
    end
  end
  answers[i] = table.concat(words, ' ')
end
return answers
"""

# Taken, and more than put back: what Redis is asked to see whether it can count. A ping is answered
# by one that is full, or a copy that nobody writes to, too.
PROBE: Final = ((b"rt:rate:!", b"1 0.001 1"), (b"rt:rate:!", b"-2 0.001 1"))


@dataclass(frozen=True, slots=True)
class Counted:
    """What Redis says of one ask."""

    wait_s: float  # 0: it was taken
    full_in_s: tuple[float, ...]  # for each window


@dataclass(frozen=True, slots=True)
class Ask:
    """One take, or with a negative cost one refund, on its way."""

    key: bytes
    words: bytes
    answer: asyncio.Future[Counted | None]


class Tally:
    """The buckets in one Redis. Asks of this process are counted in the order in which they came.

    An ask that was not answered in time may have been counted all the same.
    """

    def __init__(self, connect: Connect, outage: Outage) -> None:
        self._connect = connect
        self._outage = outage
        self._wire: Wire | None = None
        self._queue: deque[Ask] = deque()
        self._wake = asyncio.Event()
        self.is_broken = False  # the breaker is open: nothing is even tried

    def ask(self, key: bytes, words: bytes) -> asyncio.Future[Counted | None]:
        """Send with the next batch; None where Redis is known to be out, or turns out to be.

        To be awaited for ASK_S at most, or not at all.
        """
        answer: asyncio.Future[Counted | None] = asyncio.get_running_loop().create_future()
        if self.is_broken or len(self._queue) >= WAITING:
            answer.set_result(None)
        else:
            self._queue.append(Ask(key, words, answer))
            self._wake.set()
        return answer

    async def run(self) -> None:
        """The loop that asks; opens the connection at once. Ends only by a bug."""
        try:
            await self._tried([])
            while True:
                await self._wake.wait()
                self._wake.clear()
                # One loop turn, so that all that is asked in this one goes together.
                await asyncio.sleep(0)
                while batch := self._next():
                    await self._tried(batch)
        finally:
            self._give_up([])
            await self._hang_up()

    def _next(self) -> list[Ask]:
        batch: list[Ask] = []
        while self._queue and len(batch) < BATCH:
            ask = self._queue.popleft()
            if not ask.answer.done():  # else whoever asked has left
                batch.append(ask)
        return batch

    async def _tried(self, batch: list[Ask]) -> None:
        """Ask; after an outage nobody waits, and all is as if these had not been asked."""
        try:
            is_old = self._wire is not None
            try:
                await self._exchange(batch)
            except OUTAGE as error:
                # It may be left over from before a restart. Counted twice is on the safe side.
                if not is_old or isinstance(error, TimeoutError):
                    raise
                await self._exchange(batch)
        except OUTAGE as error:
            self.is_broken = True
            self._give_up(batch)
            await self._recover(error)

    def _give_up(self, batch: list[Ask]) -> None:
        for ask in (*batch, *self._queue):
            if not ask.answer.done():
                ask.answer.set_result(None)
        self._queue.clear()

    async def _exchange(self, batch: list[Ask]) -> None:
        """Send, and hand out the answers; without a batch, a probe. After an error, no connection.

        Raises:
            Lost, TimeoutError: Redis is out, cannot count, or took longer than ASK_S.
        """
        asked = [(ask.key, ask.words) for ask in batch] or PROBE
        keys, words = zip(*asked, strict=True)
        command = (b"EVAL", SCRIPT, b"%d" % len(keys), *keys, *words)
        try:
            if self._wire is None:
                self._wire = self._connect()
                await self._wire.open()
            async with asyncio.timeout(ASK_S):
                await self._wire.send([command])
                answers = await self._wire.answer()
        except BaseException:
            await self._hang_up()
            raise
        for ask, text in zip(batch, answers, strict=bool(batch)):
            if not ask.answer.done():
                wait_s, *full_in_s = map(float, text.split())
                ask.answer.set_result(Counted(wait_s, tuple(full_in_s)))

    async def _recover(self, error: BaseException) -> None:
        """Look now and then whether Redis counts, in time."""
        self._outage.begins("counting rates", error)
        pause, longest = RETRY_S
        while self.is_broken:
            await asyncio.sleep(pause)
            pause = min(pause * 2, longest)
            with contextlib.suppress(*OUTAGE):
                await self._exchange([])
                self.is_broken = False
        self._outage.ends("counting rates")

    async def _hang_up(self) -> None:
        wire, self._wire = self._wire, None
        if wire is not None:
            await wire.close()
