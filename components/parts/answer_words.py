"""The words of the bars that show a model's answer, by how its scores become shares."""

from __future__ import annotations

from components import sentences
from components.figures import Words
from components.text import _, percent
from model_zoo import ModelEntry


def words(kind: str, name: str, rank: int, share: float, entry: ModelEntry) -> Words:
    """Return the words of the bars that show a model's answer, by how its scores become shares."""
    count = len(entry.labels())
    if kind == "sigmoid":
        drawn = _(
            "Each of {n} outputs has a sigmoid of its own (bar) and its logit, {model}. Click one to ask about it."
        )
        doubt = _("whether the answer is right. A sigmoid's value is not a probability of being right.")
    elif kind == "linear":
        drawn = _("{model} ends in plain scores: the softmax over all {n} (bar), and each score as it is.")
        doubt = _("whether the answer is right, or whether these outputs were meant to exclude each other.")
    else:
        drawn = _("Share of the softmax over {n} classes (bar) and logit, {model}. Click a class to ask about it.")
        doubt = _("whether the answer is right. A softmax share is not a probability of being right.")
    title = (
        sentences.outlook(name, rank, float(share))
        if count > 1
        else _("{name}: {share}").format(name=name, share=percent(share))
    )
    return Words(title[:90], drawn.format(n=f"{count:,}", model=entry.title), doubt)
