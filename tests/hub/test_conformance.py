"""The Autobahn cases of RFC 6455, by an outside runner, against the websocket that we serve."""

from __future__ import annotations

import kosoku

from tests.hub.wires import echo, serving

# Framing, pings, reserved bits, opcodes, fragments, UTF-8, closing, fragmentation by size. Left
# out are 9 (messages far above our limit), 12 and 13 (compression, which is never negotiated).
CASES = ["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "10.*"]


async def test_all_cases_of_the_standard_pass() -> None:
    async with serving(echo) as port:
        try:
            results = await kosoku.run_fuzzingclient(
                f"ws://127.0.0.1:{port}/", cases=CASES, concurrency=16
            )
        except kosoku.FailureError as failure:
            results = failure.results
    failed = [(case.case_id, case.result, case.result_close) for case in results if not case.passed]
    assert failed == []
    assert len(results) == 247
