"""Maps of one family: that they are one formula is said where they are, elsewhere one click shows both."""

from __future__ import annotations

import streamlit as st

from components import compute, show
from components.parts import methods
from components.parts.targets import Explained
from components.parts.variants import Variant, relatives
from components.text import _
from explain.types import Attribution


def note(one: Explained, variant: Variant, result: Attribution, on: list[str], name: str) -> None:
    """Say that a map's relatives are the same map at this layer, or offer the first of them that is not shown."""
    kin = relatives(variant)
    if not kin or result.layer is None or result.partial:
        return
    from explain.cams import same_formula

    if same_formula(compute.engine(one.subject.model, one.subject.state), result.layer):
        names = _(" and ").join(_(other.title) for other in kin)
        said = _(
            "Same formula here: behind {layer} come an average and one dense layer, so {names} give this very map."
        )
        show.small(f":material/equal: {said.format(layer=result.layer, names=names)}")
        return
    away = [other for other in kin if other.key not in on]
    if away:
        other = away[0]
        st.button(
            _("Beside {method}").format(method=_(other.title)),
            key=f"beside_{name}",
            icon=":material/splitscreen_right:",
            type="tertiary",
            help=_("At this layer the two are different formulas; see where they differ."),
            on_click=methods.add,
            args=(other.key,),
        )
