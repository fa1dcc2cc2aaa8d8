"""Which parts count for this answer, rather than that one?

label: Attribution
icon: center_focus_strong
group: Ask
order: 50
layers: map
classes: needed
"""

import streamlit as st

from components import controls, frame, presets, show
from components.parts import attribution, board, maps, methods, recorder_views, targets
from components.text import _

frame.ensure()
subject, glance, here = frame.subject(), frame.glance(), frame.pointed()

over = targets.several_wide(subject)
result, settings = show.columns([2.4, 1])
with settings:
    chosen = methods.pick(subject, here, over=over)
    targets.pick(subject, glance, here)
    layer = attribution.layer(here)
    presets.menu("attribution")
    with controls.more(_("Smoothing and seed"), over=over):
        smoothing = attribution.smoothing()
    with controls.more(_("Drawing"), over=over):
        look = attribution.look()
    with controls.more(_("Method settings and reference engine"), over=over):
        params = attribution.parameters(chosen)
        reference = attribution.reference_toggle()
asked = board.Asked(chosen, layer, smoothing, look, params, reference)
frame.answer(attribution.headline(subject, glance, here))
shown = targets.explained(subject, glance, here)
with result:
    if len(shown) > 1:
        board.pictures(shown)
    else:
        board.draw(shown, asked)
if len(shown) > 1:
    with st.container() if over else result:  # stacked, the settings come behind the maps, as with one picture
        board.draw(shown, asked)
show.small(maps.no_map_shows())
recorder_views.attribution(subject)
frame.next_question("overview", _("What happens when a square is covered?"))
