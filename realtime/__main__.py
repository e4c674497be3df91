"""`realtime` on the command line."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from realtime.commands import lines
from realtime.config import BadSettings, Config


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit status."""
    options = _parser().parse_args(arguments)
    lines.to_standard_error()
    try:
        return int(options.run(options))
    except BadSettings as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="realtime", description=(__doc__ or "").strip())
    commands = parser.add_subparsers(title="commands", required=True)
    serve = commands.add_parser("serve", help="serve pages and sockets")
    serve.add_argument("--host")
    serve.add_argument("--port", type=int)
    serve.add_argument("--workers", type=int)
    serve.set_defaults(run=_serve)
    migrate = commands.add_parser("migrate", help="bring the database up to date")
    migrate.set_defaults(run=_migrate)
    schema = commands.add_parser("schema", help="write the schemas and the browser's types")
    schema.add_argument("--check", action="store_true", help="only say whether they are stale")
    schema.set_defaults(run=_schema)
    demo = commands.add_parser("demo", help="fill a database with people to look at")
    demo.add_argument("--users", type=int, default=32, help="how many people (32)")
    demo.add_argument("--live", action="store_true", help="go on posting until Ctrl+C")
    demo.add_argument("--force", action="store_true", help="among people who are there already")
    demo.set_defaults(run=_demo)
    fixture = commands.add_parser("fixture", help="make many people with sessions, for load tests")
    fixture.add_argument("--users", type=int, required=True)
    graph = fixture.add_mutually_exclusive_group(required=True)
    graph.add_argument("--star", action="store_true", help="everybody follows the first one")
    graph.add_argument("--follow", type=int, metavar="K", help="everybody follows K others")
    fixture.add_argument("--cookies", type=Path, required=True, metavar="FILE")
    fixture.add_argument("--force", action="store_true", help="among people who are there already")
    fixture.set_defaults(run=_fixture)
    doctor = commands.add_parser("doctor", help="say what is wrong here, and what to type")
    doctor.add_argument("--workers", type=int, help="as it will be served")
    doctor.set_defaults(run=_doctor)
    return parser


def _config(options: argparse.Namespace) -> Config:
    """The settings; what stands on the command line is passed on to workers by the environment."""
    for name in ("host", "port"):
        given = getattr(options, name, None)
        if given is not None:
            os.environ[f"REALTIME_{name.upper()}"] = str(given)
    return Config.from_env(os.environ, workers=getattr(options, "workers", None))


def _serve(options: argparse.Namespace) -> int:
    from realtime.commands.serve import serve

    return serve(_config(options))


def _migrate(options: argparse.Namespace) -> int:
    from realtime.commands.schema_up import bring_up

    done = bring_up(_config(options))
    sys.stdout.write(f"{len(done)} migrations done.\n" if done else "Nothing to do.\n")
    return 0


def _demo(options: argparse.Namespace) -> int:
    from realtime.commands.demo import demo

    logging.getLogger().setLevel(logging.WARNING)  # it tells its own story
    try:
        return asyncio.run(
            demo(_config(options), options.users, live_on=options.live, force=options.force)
        )
    except KeyboardInterrupt:
        return 0 if options.live else 130  # that is how it is meant to end


def _fixture(options: argparse.Namespace) -> int:
    from realtime.commands.fixture import fixture

    follow = None if options.star else options.follow
    asyncio.run(
        fixture(_config(options), options.users, follow, options.cookies, force=options.force)
    )
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from realtime.commands.doctor import doctor

    logging.getLogger().setLevel(logging.ERROR)  # the report says what the log would
    return doctor(os.environ, workers=options.workers)


def _schema(options: argparse.Namespace) -> int:
    from realtime import schema

    root = Path(__file__).parent.parent
    if options.check:
        stale = [
            path
            for path, content in schema.files(root).items()
            if not path.exists() or path.read_text(encoding="utf-8") != content
        ]
        for path in stale:
            sys.stderr.write(f"{path.relative_to(root)} is stale; run `realtime schema`.\n")
        return 1 if stale else 0
    for path in schema.write(root):
        sys.stdout.write(f"{path.relative_to(root)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
