"""What would change the answer?

label: What if
icon: back_hand
group: Ask
order: 60
layers: map
classes: needed
"""

import streamlit as st

from components import frame, show
from components.parts import covers, targets, what_if, what_if_answers, what_if_conventions, what_if_reveal
from components.text import _

frame.ensure()
subject, glance, here = frame.subject(), frame.glance(), frame.pointed()

result, settings = show.columns([2.4, 1])
with settings:
    frame.layer_slider()
    targets.pick(subject, glance, here, rival=False)
    found = what_if.switches(subject, glance, here)
frame.answer(what_if.headline(subject, glance, here, found))
with result:
    st.subheader(_("Switch channels off"), anchor=False)
    if found is not None:
        with st.grid(2, min_column_width=300, gap="medium"):
            with st.container():
                what_if_answers.made_by(subject, found)
            with st.container():
                what_if_answers.answer(subject, found)
                what_if_answers.beside_chance(subject, found)
                what_if_answers.counted(subject, found)
            what_if_answers.maps(subject, found)

hidden, revealed = show.columns(2, gap="large")
with hidden:
    st.subheader(_("Cover a square"), anchor=False)
    covered = st.container()
with revealed:
    st.subheader(_("Reveal it from a blur"), anchor=False)
    variant = what_if_reveal.pick()
    sharpened = st.container()
st.subheader(_("Feed it another way"), anchor=False)
what_if_conventions.side_by_side(subject)
with covered:
    covers.cover(subject, glance, here, headed=True)
with sharpened:
    what_if_reveal.reveal(subject, glance, here, variant)
frame.next_question("attribution", _("Which parts of the picture count for this answer?"))
