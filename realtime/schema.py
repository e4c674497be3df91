"""Writes JSON Schema, AsyncAPI, OpenAPI and the clients' types from the server's own structs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from inspect import cleandoc, getdoc
from pathlib import Path
from typing import Any, Final, get_args

import msgspec
from msgspec import Struct, inspect

from realtime import api, errors, model, protocol, pythonic

VERSION: Final = "1"
_NOUNS: Final[tuple[type[Struct], ...]] = (
    model.Size,
    model.Media,
    model.Author,
    model.User,
    model.Counts,
    model.Mine,
    model.Parent,
    model.Post,
    model.Retweet,
    model.Relation,
    model.Reaction,
    model.Notice,
    model.Read,
    model.Draft,
)
_BODIES: Final[tuple[type[Struct], ...]] = (
    *(r.body for r in api.ROUTES if isinstance(r.body, type)),
    *(r.answer for r in api.ROUTES if isinstance(r.answer, type)),
    api.Failure,
    api.Session,
)


def _all_structs() -> list[type[Struct]]:
    commands = list(protocol.RESULTS)
    results = [r for r in dict.fromkeys(protocol.RESULTS.values()) if r is not protocol.Welcome]
    return list(
        dict.fromkeys([*_NOUNS, protocol.Limits, *commands, *results, *protocol.FRAMES, *_BODIES])
    )


def _components(template: str) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.schema_components(_all_structs(), ref_template=template)[1]
    for schema in found.values():
        schema["description"] = cleandoc(schema["description"])
    return found


def json_schema() -> dict[str, Any]:
    """Every struct of the wire by name, as JSON Schema 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "realtime: the wire",
        "$defs": _components("#/$defs/{name}"),
    }


def asyncapi() -> dict[str, Any]:
    """The socket as an AsyncAPI 3 document."""
    schemas = _components("#/components/schemas/{name}")
    messages: dict[str, Any] = {}
    structs: list[type[Struct]] = [*protocol.RESULTS, *protocol.FRAMES]
    for struct in structs:
        messages[struct.__name__] = {
            "name": protocol.tag(struct),
            "summary": _first_line(struct),
            "payload": {"$ref": f"#/components/schemas/{struct.__name__}"},
        }
    channel = {"$ref": "#/channels/socket"}

    def refs(structs: Iterable[type[Struct]]) -> list[dict[str, str]]:
        return [{"$ref": f"#/channels/socket/messages/{s.__name__}"} for s in structs]

    operations: dict[str, Any] = {
        "receive": {"action": "send", "channel": channel, "messages": refs(protocol.FRAMES)}
    }
    for command, result in protocol.RESULTS.items():
        operations[protocol.tag(command)] = {
            "action": "receive",
            "channel": channel,
            "summary": _first_line(command),
            "description": getdoc(command),
            "x-visitor": command in protocol.FOR_VISITORS,
            "messages": refs([command]),
            "reply": {
                "channel": channel,
                "messages": refs(
                    [protocol.Welcome if command is protocol.Hello else protocol.Ok, protocol.Error]
                ),
            },
            "x-result": {"$ref": f"#/components/schemas/{result.__name__}"},
        }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "realtime",
            "version": VERSION,
            "description": "One socket: commands, answers, events.",
        },
        "channels": {
            "socket": {
                "address": "/ws",
                "description": f"Subprotocol `{protocol.SUBPROTOCOL}`; one JSON object a frame.",
                "messages": {n: {"$ref": f"#/components/messages/{n}"} for n in messages},
            }
        },
        "operations": operations,
        "components": {"messages": messages, "schemas": schemas},
        "x-nouns": [f"#/components/schemas/{noun.__name__}" for noun in get_args(model.Noun)],
        "x-errors": [{"code": code, "means": means} for code, means in errors.CODES.items()],
        "x-closes": [
            {"code": code, "means": means, "client": client}
            for code, (means, client) in errors.CLOSES.items()
        ],
    }


def openapi() -> dict[str, Any]:
    """The HTTP side as an OpenAPI 3.1 document."""
    paths: dict[str, Any] = {}
    for route in api.ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "realtime", "version": VERSION},
        "paths": paths,
        "components": {
            "schemas": _components("#/components/schemas/{name}"),
            "securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": "sid"}},
        },
    }


def _operation(route: api.Route) -> dict[str, Any]:
    operation: dict[str, Any] = {"summary": route.summary, "responses": {}}
    names = [part[1:-1] for part in route.path.split("/") if part.startswith("{")]
    if names:
        operation["parameters"] = [
            {"name": n, "in": "path", "required": True, "schema": {"type": "string"}} for n in names
        ]
    if route.signed_in:
        operation["security"] = [{"session": []}]
    if isinstance(route.body, type):
        ref = {"$ref": f"#/components/schemas/{route.body.__name__}"}
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": ref}},
        }
    elif route.body is not None:
        properties = {
            "file": {"type": "string", "format": "binary"},
            "alt": {"type": "string", "maxLength": 1500},
        }
        form = {"type": "object", "required": ["file"], "properties": properties}
        operation["requestBody"] = {
            "required": True,
            "content": {"multipart/form-data": {"schema": form}},
        }
    answer: dict[str, Any] = {"description": route.summary}
    if isinstance(route.answer, type):
        ref = {"$ref": f"#/components/schemas/{route.answer.__name__}"}
        answer["content"] = {"application/json": {"schema": ref}}
    elif route.answer is not None:
        answer["content"] = {route.answer: {}}
    operation["responses"][str(route.status)] = answer
    failure = {"application/json": {"schema": {"$ref": "#/components/schemas/Failure"}}}
    for status in route.errors:
        operation["responses"][str(status)] = {"description": "Why not.", "content": failure}
    return operation


def _first_line(struct: type[Struct]) -> str:
    return (struct.__doc__ or "").strip().splitlines()[0]


def typescript() -> str:
    """The browser's types: an interface for each struct, and the maps from names to types."""
    lines = [
        "// Generated by `realtime schema` from the server's structs; change those, not this file.",
        "",
    ]
    for info in inspect.multi_type_info(_all_structs()):
        assert isinstance(info, inspect.StructType)
        lines += _interface(info)
    lines += ["export type Entry = Post | Retweet;"]
    nouns = " | ".join(noun.__name__ for noun in get_args(model.Noun))
    lines += [f"export type Noun = {nouns};"]
    frames = " | ".join(f.__name__ for f in protocol.FRAMES)
    lines += [
        f"export type Frame = {frames};",
        "",
        "/** Every command by its type: what to send, what comes back. */",
    ]
    lines += ["export interface Commands {"]
    for command, result in protocol.RESULTS.items():
        fields = f"Omit<{command.__name__}, 'type' | 'ref'>"
        lines.append(
            f"  '{protocol.tag(command)}': {{ fields: {fields}; result: {result.__name__} }};"
        )
    return "\n".join([*lines, "}", ""])


def _interface(info: inspect.StructType) -> list[str]:
    lines = [f"/** {_first_line(info.cls)} */", f"export interface {info.cls.__name__} {{"]
    if info.tag is not None:
        lines.append(f"  {info.tag_field}: '{info.tag}';")
    for field in info.fields:
        optional = "?" if not field.required else ""
        lines.append(f"  {field.encode_name}{optional}: {_ts(field.type)};")
    return [*lines, "}", ""]


_PLAIN: Final = {
    inspect.StrType: "string",
    inspect.IntType: "number",
    inspect.FloatType: "number",
    inspect.BoolType: "boolean",
    inspect.NoneType: "null",
    inspect.AnyType: "unknown",
}


def _ts(kind: inspect.Type) -> str:
    match kind:
        case inspect.Metadata():
            text = _ts(kind.type)
        case inspect.StructType():
            text = kind.cls.__name__
        case inspect.UnionType():
            text = " | ".join(_ts(part) for part in kind.types if not _is_unset(part))
        case inspect.ListType():
            inner = _ts(kind.item_type)
            text = f"({inner})[]" if " | " in inner else f"{inner}[]"
        case inspect.DictType():
            text = f"Record<{_ts(kind.key_type)}, {_ts(kind.value_type)}>"
        case inspect.LiteralType():
            text = " | ".join(f"'{value}'" for value in kind.values)
        case _:
            text = _PLAIN[type(kind)]
    return text


def _is_unset(kind: inspect.Type) -> bool:
    return isinstance(kind, inspect.CustomType) and kind.cls is msgspec.UnsetType


def files(root: Path) -> dict[Path, str]:
    """What the generated files of a checkout at `root` should hold."""

    def text(document: dict[str, Any]) -> str:
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"

    return {
        root / "docs/api/schema.json": text(json_schema()),
        root / "docs/api/asyncapi.json": text(asyncapi()),
        root / "docs/api/openapi.json": text(openapi()),
        root / "web/src/wire/protocol.ts": typescript(),
        root / "realtime/client/verbs.py": pythonic.verbs(),
    }


def write(root: Path) -> list[Path]:
    """Write all generated files; returns those that changed."""
    changed = []
    for path, content in files(root).items():
        if not path.exists() or path.read_text(encoding="utf-8") != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
            changed.append(path)
    return changed
