"""The names that sentences about evidence use: the target, the fills, the maps held against, the pictures."""

from __future__ import annotations

from dataclasses import dataclass

from components.text import _, plain


@dataclass(frozen=True)
class About:
    """What a row is about: the method's title, the class and, for a difference, the other one."""

    method: str
    name: str
    other: str | None = None
    quantity: str = "log-odds"

    @property
    def target(self) -> str:
        """The target as it stands in a sentence, in italics."""
        name = f"*{plain(self.name)}*"
        return name if self.other is None else _("{a} rather than {b}").format(a=name, b=f"*{plain(self.other)}*")


def pictures_name(kind: str) -> str:
    """Name the pictures of a record."""
    names = {"fashion": _("Fashion-MNIST test pictures"), "photographs": _("shipped photographs")}
    return names.get(kind, kind.replace("_", " "))


def fill_name(fill: str) -> str:
    """Name what stands in for a removed block."""
    names = {
        "blurred": _("blurred picture"),
        "surroundings": _("mean of the surroundings"),
        "imputed": _("imputed from what is left"),
    }
    return names.get(fill, fill.replace("_", " "))


def rival_name(rival: str) -> str:
    """Name a map that knows no target, or the shifted copies of the map itself."""
    names = {
        "edges": _("edges"),
        "centre": _("centre"),
        "class_blind": _("class-blind activation"),
        "shifted": _("shifted copies of itself"),
    }
    return names.get(rival, rival.replace("_", " "))
