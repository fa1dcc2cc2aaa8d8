"""What does it say, and how sure is it?

label: Overview
icon: home
group: Look
order: 10
layers: map
first_look: shown
"""

import streamlit as st

from components import frame, weights
from components.parts import cards, covers, machines, model_card, overview, own_model
from components.text import _

frame.ensure()
subject, glance, here = frame.subject(), frame.glance(), frame.pointed()
frame.answer(overview.headline(subject, glance))
weights.offer(subject)

with st.grid(3, min_column_width=290, gap="medium"):
    for part in overview.parts(glance):
        with st.container():
            part(subject, glance, here)
    covered = st.container()

model_card.card(subject)
st.subheader(_("Another picture"), anchor=False)
cards.pictures(subject)
st.subheader(_("Another model"), anchor=False)
cards.all_models(subject)
own_model.panel()
machines.show(subject)
with covered:
    covers.cover(subject, glance, here)
frame.next_question("activations", _("Which channels does this picture set off?"))
