"""Gather every message that a reader may meet into a template for translators: build/convscope.pot.

    python -m scripts.extract_messages [--out build/convscope.pot]

Literal messages come from the calls of `_` and `ngettext`. The rest is declared elsewhere and translated where it is
drawn: what methods say of themselves, the pages' docstrings, the presets, and the tables that `_(TABLE[key])` reads.
"""

from __future__ import annotations

import argparse
import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from components.presets import presets
from components.screens import screens
from explain import METHODS
from explain.evidence import ROWS
from explain.types import Choice

ROOT = Path(__file__).parent.parent
HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
Message = tuple[str, str]
"""A message and its plural, "" where it has none."""


def literal(node: ast.AST) -> str:
    """Return the text of a string constant, "" for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def table(tree: ast.Module, node: ast.AST) -> Iterator[str]:
    """Yield the texts of the module's table that `node` takes an element of: the values, not the keys."""
    while isinstance(node, ast.Subscript):
        node = node.value
    if not isinstance(node, ast.Name):
        return
    for statement in tree.body:
        if not isinstance(statement, (ast.Assign, ast.AnnAssign)) or not isinstance(statement.value, ast.Dict):
            continue
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        if any(isinstance(target, ast.Name) and target.id == node.id for target in targets):
            yield from (literal(inner) for part in statement.value.values for inner in ast.walk(part))


def in_source(path: Path) -> Iterator[tuple[Message, int]]:
    """Yield each message of a module with its line."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
            continue
        if node.func.id == "ngettext":
            yield (literal(node.args[0]), literal(node.args[1])), node.lineno
        elif node.func.id == "_":
            texts = [literal(node.args[0])] if literal(node.args[0]) else table(tree, node.args[0])
            yield from (((text, ""), node.lineno) for text in texts)


def declared() -> Iterator[tuple[str, str]]:
    """Yield (message, where it is declared) for what is translated through a name."""
    for screen in screens():
        yield from ((text, f"pages/{screen.key}.py") for text in (screen.question, screen.label, screen.group))
    for preset in presets():
        yield from ((text, f"presets/{preset.key}.json") for text in (preset.title, preset.source))
    for key, row in ROWS.items():
        texts = [row.title, row.label, row.doesnt_show, *(option.label for option in row.options)]
        yield from ((text, f"explain/evidence/rows/{key}.py") for text in texts)
    for key, method in METHODS.items():
        texts = [method.title, method.smoothed_title, method.quantity, method.doesnt_show]
        for param in method.params:
            texts += [param.label, param.help, *(param.labels if isinstance(param, Choice) else ())]
        yield from ((text, f"explain/attribution/{key}.py") for text in texts)


def messages() -> dict[Message, list[str]]:
    """Return every message with the places where it stands, in the order of the files."""
    found: dict[Message, list[str]] = defaultdict(list)
    for path in sorted([*(ROOT / "components").rglob("*.py"), *(ROOT / "pages").glob("*.py")]):
        for message, line in in_source(path):
            found[message].append(f"{path.relative_to(ROOT).as_posix()}:{line}")
    for text, where in declared():
        found[text, ""].append(where)
    return {message: places for message, places in found.items() if message[0]}


def quoted(text: str) -> str:
    """Write a text as gettext files do."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def entry(message: Message, places: list[str]) -> str:
    """Write one message: where it stands, whether names in braces must stay, the text, and room for a translation."""
    text, plural = message
    lines = [f"#: {' '.join(dict.fromkeys(places))}", *(["#, python-brace-format"] if "{" in text else [])]
    lines.append(f"msgid {quoted(text)}")
    if plural:
        lines += [f"msgid_plural {quoted(plural)}", 'msgstr[0] ""', 'msgstr[1] ""']
    else:
        lines.append('msgstr ""')
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the template."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "convscope.pot")
    out = parser.parse_args().out
    found = messages()
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("\n".join([HEADER, *(entry(*one) for one in found.items())]), encoding="utf-8")
    print(f"{out}: {len(found)} messages")


if __name__ == "__main__":
    main()
