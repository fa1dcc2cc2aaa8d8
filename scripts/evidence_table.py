"""Print what every check says of a few methods on the shipped pictures, as a table in Markdown.

    python -m scripts.evidence_table                       the recommended maps, six photographs and eight test pictures
    python -m scripts.evidence_table --methods a,b         other methods
    python -m scripts.evidence_table --models a            one model

One line a picture and method, for the top class, with the methods' defaults; one column a row of evidence.
"""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import argparse
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from explain import attribute, engine_for
from explain.evidence import ROWS, Checked, check
from model_zoo import MODELS
from model_zoo.samples import SAMPLES, load_sample

PICTURES = {"efficientnet_lite0": ("photographs", 6), "fashion_cnn": ("fashion", 8)}
METHODS = "grad_cam,saliency,layer_cam,integrated_gradients"
WORDS = {
    "supported": "supported",
    "not_distinguishable": "not distinguishable",
    "contradicted": "contradicted",
    "not_tested": "not tested",
}

Values = Mapping[str, Any]


def _removal(values: Values) -> str:
    gains = []
    for fill, gain in values["gain"].items():
        rivals, margins = values["rival_gains"][fill], values["margins"][fill]
        name = max(rivals, key=lambda rival: rivals[rival] + margins[rival])
        gains.append(f"{gain:.2f}/{rivals[name]:.2f}+{margins[name]:.2f}")
    beaten = "+".join(str(count) for count in values["beaten_by"].values())
    return f"{', '.join(gains)}; {beaten} of {values['nulls']}; drop {values['drop']:.2f} ({values['null_drop']:.2f})"


def _weights(values: Values) -> str:
    pair = values["random_pair"]
    beside = "" if pair is None else f" ({pair['rank']:.2f}, {pair['ssim']:.2f})"
    return f"{values['alike']['all']['rank']:.2f}, {values['alike']['all']['ssim']:.2f}{beside}"


NUMBERS: Mapping[str, Callable[[Values], str]] = {
    "health": lambda v: f"{v['cells']} cells, rank {v['rank']}, margin {v['margin']:.2f}",
    "reproducible": lambda v: f"{v['agreement']:.2f}" if "agreement" in v else "",
    "adds_up": lambda v: f"{v['total']:.2f} of {v['difference']:.2f}" if "total" in v else "",
    "removal": lambda v: _removal(v) if "gain" in v else "",
    "weights": lambda v: _weights(v) if "all" in v.get("alike", ()) else "",
    "record": lambda v: (
        f"{v['gain']['mean']:.2f} [{v['gain']['low']:.2f}, {v['gain']['high']:.2f}]" if "n" in v else ""
    ),
}


def said(found: Checked) -> str:
    """Return a finished row's outcome with its reason and numbers."""
    reason = f" ({found.reason.replace('_', ' ')})" if found.reason else ""
    return ": ".join(part for part in (WORDS[found.outcome] + reason, NUMBERS[found.row](found.values)) if part)


def main() -> None:
    """Print the tables and the counts of outcomes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--methods", default=METHODS, help="keys, by commas")
    parser.add_argument("--models", default=",".join(PICTURES), help="keys, by commas")
    asked = parser.parse_args()
    methods = asked.methods.split(",")
    print(
        "removal: gain/that of the map that knows no class hardest to leave behind + its margin, by fill (blurred,\n"
        "surroundings); nulls that do as well by fill; drop of the marked tenth (median null). weights: rank\n"
        "correlation, SSIM (two random networks)."
    )
    for model, (kind, count) in ((key, PICTURES[key]) for key in asked.models.split(",")):
        entry, engine = MODELS[model], engine_for(MODELS[model])
        print(f"\n## {model}\n\n| Picture | Method | {' | '.join(ROWS)} |\n|{'---|' * (2 + len(ROWS))}", flush=True)
        counts: Counter[tuple[str, str, str]] = Counter()
        for sample in SAMPLES[kind][:count]:
            x = entry.preprocess(load_sample(sample))
            for method in methods:
                result = attribute(engine, x, method, entry=entry)
                cells = []
                for row in ROWS:
                    *_, found = check(row, engine, x, result, entry=entry)
                    counts[method, row, found.outcome] += 1
                    cells.append(said(found))
                print(f"| {sample.rpartition('/')[2]} | {method} | {' | '.join(cells)} |", flush=True)
        print(f"\n| Method | {' | '.join(ROWS)} |\n|{'---|' * (1 + len(ROWS))}")
        for method in methods:
            tally = [
                ", ".join(f"{counts[method, row, o]} {w}" for o, w in WORDS.items() if counts[method, row, o])
                for row in ROWS
            ]
            print(f"| {method} | {' | '.join(tally)} |", flush=True)


if __name__ == "__main__":
    main()
