"""What is generated is never stale, and says what the server really does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from msgspec import Struct, inspect

from realtime import errors, protocol, schema

ROOT = Path(__file__).parent.parent
FILES = schema.files(ROOT)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_generated_files_are_what_the_structs_say_now(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == FILES[path], "type: .venv/bin/realtime schema"


def test_a_stale_file_is_written_again_and_a_fresh_one_left_alone(tmp_path: Path) -> None:
    assert len(schema.write(tmp_path)) == len(FILES)
    assert schema.write(tmp_path) == []
    stale = tmp_path / "web/src/wire/protocol.ts"
    stale.write_text("// old", encoding="utf-8")
    assert schema.write(tmp_path) == [stale]


def test_every_command_is_an_operation_with_its_result() -> None:
    document = schema.asyncapi()
    for command, result in protocol.RESULTS.items():
        operation = document["operations"][protocol.tag(command)]
        assert operation["x-result"]["$ref"].endswith(f"/{result.__name__}")
        assert operation["summary"], "a command without a word of explanation"


def test_every_code_is_explained() -> None:
    assert set(errors.CODES) == set(get_args(errors.Code))
    ours = {value for name, value in vars(errors).items() if name.isupper() and type(value) is int}
    assert ours == {code for code in errors.CLOSES if code >= 4000}


def test_every_reference_leads_somewhere() -> None:
    for document in (schema.asyncapi(), schema.openapi(), schema.json_schema()):
        for ref in references(document):
            place = document
            for step in ref.removeprefix("#/").split("/"):
                assert step in place, ref
                place = place[step]


def references(part: object) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return own + [ref for value in part.values() for ref in references(value)]
    if isinstance(part, list):
        return [ref for value in part for ref in references(value)]
    return []


def test_browser_and_server_speak_of_the_same_fields() -> None:
    text = schema.typescript()
    structs: list[type[Struct]] = [*protocol.RESULTS, *protocol.FRAMES]
    for struct in structs:
        info = inspect.type_info(struct)
        assert isinstance(info, inspect.StructType)
        body = text.partition(f"export interface {struct.__name__} {{")[2].partition("\n}")[0]
        for field in info.fields:
            mark = "" if field.required else "?"
            assert f"\n  {field.encode_name}{mark}: " in body, (struct.__name__, field.encode_name)


def test_documents_are_plain_json() -> None:
    for document in (schema.asyncapi(), schema.openapi(), schema.json_schema()):
        assert json.loads(json.dumps(document)) == document
        assert msgspec.json.decode(msgspec.json.encode(document)) == document
