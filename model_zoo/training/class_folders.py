"""Which class a picture in an archive belongs to: its folder, known by its whole path and cut only to be shown."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePosixPath

from explain.errors import ArgumentError
from model_zoo.own.types import shown

TEST, TRAIN = "test", ("train", "training", "val", "valid", "validation")
"""Folders over those of the classes that divide the pictures: all that isn't in a test folder is trained on."""
LAYOUT = "zip a folder that holds one folder for each class, with its pictures in it"
MOST_NAME, NUMBERED = 60, 6


@dataclass(frozen=True)
class Member:
    """A picture in an archive: its class's folder, the folders over that without those that divide, and its side."""

    info: zipfile.ZipInfo
    name: str
    over: tuple[str, ...]
    test: bool


def placed(info: zipfile.ZipInfo) -> Member:
    """Return a picture with its class. Raises ArgumentError for one in no folder."""
    *folders, _file = PurePosixPath(info.filename).parts
    if not folders:
        raise ArgumentError(f"zip: “{shown(info.filename)}” is in no folder, so its class isn't known; {LAYOUT}")
    *over, name = folders
    kept = tuple(folder for folder in over if folder.lower() not in (TEST, *TRAIN))
    return Member(info, name, kept, TEST in (folder.lower() for folder in over))


def check_apart(members: Iterable[Member]) -> None:
    """Raise ArgumentError where folders of one name in different places would become one class.

    A class's test folder is known by its name; it may lie deeper than the one to train on, or less deep.
    """
    places = sorted({(one.name, one.test, one.over) for one in members})
    for (name, test, over), (other_name, other_test, other) in pairwise(places):
        if name == other_name and (test == other_test or not _end_alike(over, other)):
            a, b = (shown("/".join((*path, name))) for path in (over, other))
            raise ArgumentError(
                f"zip: expected each class in one folder, got “{a}” and “{b}”, which have one name; rename one of "
                "them, or put their pictures into one folder. Only folders named train and test may hold equal ones"
            )


def _end_alike(one: Sequence[str], other: Sequence[str]) -> bool:
    return all(a == b for a, b in zip(reversed(one), reversed(other), strict=False))


def written(folders: Iterable[str]) -> tuple[str, ...]:
    """Return the names of class folders as they may be shown; those that are alike when cut get numbers."""
    names: list[str] = []
    for folder in folders:
        name, turn = shown(folder, MOST_NAME), 1
        while name in names:
            turn += 1
            name = f"{shown(folder, MOST_NAME - NUMBERED)} ({turn})"
        names.append(name)
    return tuple(names)
