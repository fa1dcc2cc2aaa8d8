"""What does it say, and how sure is it?

label: Overview
icon: home
group: Look
order: 10
layers: any
"""

import streamlit as st

from components import cards, frame, overview, weights
from components.text import _

frame.ensure()
subject, glance, here = frame.subject(), frame.glance(), frame.pointed()
frame.answer(overview.headline(subject, glance))
weights.offer(subject)

seen, said = st.columns([1.1, 1], gap="medium")
with seen:
    overview.pictures(subject, here)
with said:
    overview.answers(subject, glance, here)

summed, covered, worth = st.columns([1, 1, 0.8], gap="medium")
with summed:
    overview.answer_as_sum(subject, glance, here)
with covered:
    overview.cover(subject, glance, here)
with worth:
    overview.worth_a_look(subject, glance)

st.subheader(_("Another picture"), anchor=False)
cards.pictures(subject)
st.subheader(_("Another model"), anchor=False)
cards.models(subject)
overview.machine()
frame.next_question("activations", _("Which channels does this picture set off?"))
