"""Where is it wrong?

label: Mistakes
icon: rule
group: Learn
order: 85
layers: map
classes: needed
"""

import streamlit as st

from components import frame, show
from components.parts import mistakes, mistakes_maps, mistakes_pictures, mistakes_training
from components.text import _

frame.ensure()
subject, glance, here = frame.subject(), frame.glance(), frame.pointed()
found = mistakes.scored(subject)
if found is not None:
    cell = mistakes.chosen(found)
    frame.answer(mistakes.headline(found))
    mistakes.notes(found)
    whole, settings = show.columns([2.4, 1])
    with settings:
        mistakes.scores(found)
        mistakes.pick(found, cell)
        way = mistakes_maps.pick(subject, glance)
    with whole:
        mistakes.matrix(found, cell)
    mistakes_pictures.of_cell(found, cell)
    maps = st.container()
    mistakes_pictures.surest(found)
    mistakes_pictures.first_ten(found)
    st.subheader(_("Class by class"), anchor=False)
    mistakes.classes(found)
    mistakes_training.draw(subject)
    with maps:
        mistakes_maps.mean(subject, here, found, cell, way)
frame.next_question("attribution", _("Which parts count for this answer, rather than that one?"))
