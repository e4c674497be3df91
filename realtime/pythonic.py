"""Writes the client's verbs, a method for each command, from the server's own structs."""

from __future__ import annotations

import re
from typing import Final

import msgspec
from msgspec import Struct, inspect

from realtime import protocol

_WIDTH: Final = 100
_HEAD: Final = '''\
"""Every command as a method. `realtime schema` writes this file; change the structs."""

from __future__ import annotations

from typing import Any, Literal, TypeVar

from msgspec import UNSET, UnsetType

from realtime import protocol as p
from realtime import results as r

R = TypeVar("R")


class Verbs:
    """What may be asked; whoever inherits it says how. Raises what `ask` does."""

    async def ask(self, command: p.Command, kind: type[R]) -> R:
        """The result of one command."""
        raise NotImplementedError
'''
_PLAIN: Final = {
    inspect.StrType: "str",
    inspect.IntType: "int",
    inspect.FloatType: "float",
    inspect.BoolType: "bool",
    inspect.NoneType: "None",
    inspect.AnyType: "Any",
}


def verbs() -> str:
    """The module; `hello` is missing, because the client says it by itself."""
    methods = [
        _method(command, result)
        for command, result in protocol.RESULTS.items()
        if command is not protocol.Hello
    ]
    text = "\n".join([_HEAD, *methods])
    needs_any = re.search(r"[\[:,] Any\b", "".join(methods)) is not None
    return text if needs_any else text.replace("import Any, Literal", "import Literal")


def _method(command: type[Struct], result: type[Struct]) -> str:
    info = inspect.type_info(command)
    assert isinstance(info, inspect.StructType)
    fields = [field for field in info.fields if field.name != "ref"]
    # What must be said comes first, whatever the order on the wire.
    given = [_parameter(field) for field in sorted(fields, key=lambda field: not field.required)]
    name = protocol.tag(command).replace(".", "_")
    passed = ["0", *(f"{field.name}={field.name}" for field in fields)]
    asked = _call(f"p.{command.__name__}", passed, 8, before="command = ")
    return "\n".join(
        [
            _signature(name, given, f"r.{result.__name__}"),
            *_docstring(command),
            asked,
            f"        return await self.ask(command, r.{result.__name__})",
            "",
        ]
    )


def _signature(name: str, given: list[str], result: str) -> str:
    line = f"    async def {name}(self, *, {', '.join(given)}) -> {result}:"
    if len(line) <= _WIDTH:
        return line
    rows = [f"        {one}," for one in ["self", "*", *given]]
    return "\n".join([f"    async def {name}(", *rows, f"    ) -> {result}:"])


def _call(name: str, given: list[str], indent: int, before: str) -> str:
    pad = " " * indent
    line = f"{pad}{before}{name}({', '.join(given)})"
    if len(line) <= _WIDTH:
        return line
    return "\n".join([f"{pad}{before}{name}(", *(f"{pad}    {one}," for one in given), f"{pad})"])


def _docstring(command: type[Struct]) -> list[str]:
    text = (command.__doc__ or "").strip()
    if "\n" not in text and len(text) <= _WIDTH - 14:
        return [f'        """{text}"""']
    first, *rest = [line.strip() for line in text.splitlines()]
    return [f'        """{first}', *(f"        {line}".rstrip() for line in rest), '        """']


def _parameter(field: inspect.Field) -> str:
    text = f"{field.name}: {_type(field.type)}"
    if field.required:
        return text
    # A field that may be left out has no default of its own to be read here.
    if field.default is msgspec.NODEFAULT:
        known = text.removesuffix(" | None")
        return f"{known} | UnsetType{text.removeprefix(known)} = UNSET"
    return f"{text} = {field.default!r}"


def _type(kind: inspect.Type) -> str:
    match kind:
        case inspect.Metadata():
            text = _type(kind.type)
        case inspect.UnionType():
            text = " | ".join(_type(part) for part in kind.types)
        case inspect.ListType():
            text = f"list[{_type(kind.item_type)}]"
        case inspect.DictType():
            text = f"dict[{_type(kind.key_type)}, {_type(kind.value_type)}]"
        case inspect.LiteralType():
            text = "Literal[" + ", ".join(f'"{value}"' for value in kind.values) + "]"
        case _:
            text = _PLAIN[type(kind)]
    return text
