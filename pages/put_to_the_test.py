"""Should I believe this map?

label: Put to the test
icon: science
group: Ask
order: 70
layers: map
classes: needed
"""

import streamlit as st

from components import controls, frame, show
from components.parts import attribution, board, evidence, evidence_classic, targets
from components.text import _

frame.ensure()
subject, glance, here = frame.subject(), frame.glance(), frame.pointed()
one = targets.explained(subject, glance, here)[0]

tested, checked = show.columns([1, 2.4])
with tested:
    variant = evidence.method()
    one = one.suited(variant.method)
    picture = st.container()
    with controls.more(_("Target and settings")):
        targets.pick(subject, glance, here)
        layer = attribution.layer(here)
        params = attribution.parameters([variant])
        st.markdown(f"**{_('Smoothing')}**")
        smoothing = attribution.smoothing()
        st.markdown(f"**{_('Drawing')}**")
        look = attribution.look()
    with controls.more(_("More checks")):
        seed, options = evidence.more()
        published = evidence_classic.toggle()
asked = board.Asked([variant], layer, smoothing, look, params, reference=False)
frame.answer(evidence.standing(one, variant))
with picture:
    result, retitle = evidence.under_test(one, variant, asked)
with checked:
    if result is not None:
        trial = evidence.Trial(one, variant, result, seed, options)
        evidence.what_we_checked(trial, retitle)
        if published:
            evidence_classic.draw(trial)
    evidence.no_check_shows()
frame.next_question("what_if", _("What would change the answer?"))
