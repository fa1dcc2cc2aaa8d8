"""What happens when the picture moves?

label: Shift
icon: open_with
group: Learn
order: 78
strip: none
"""

import streamlit as st

from components import controls, frame, show
from components.parts import shift, shift_beside, shift_guess, shift_measured, shift_settings
from components.text import _

frame.ensure()
result, settings = show.columns([2.4, 1], gap="large")
with settings:
    number = shift_settings.picture(frame.subject())
    right, down = shift_settings.place()
    degrees = controls.slider("shift_turn", _("Turn clockwise, degrees"), -90, 90, 0, 5)
    size = controls.slider("shift_size", _("Size, percent"), 50, 150, 100, 5)
    change, guessing = shift_settings.change(right, down, degrees, size)
one = shift.shown(number, change)
with result:
    shift.pictures(one)
    shift_settings.compared(frame.subject())
with st.spinner(_("Three networks look into it")):
    found = shift.followed(one)
told = not guessing or shift_guess.settled(one, found)
frame.answer(shift.headline(one, found if told else {}))
if told:
    shift_beside.networks(one, found)
shift_measured.curves(one)
if told:
    maps, claims = show.columns([1.8, 1], gap="large")
    with maps:
        shift_measured.equivariance(one, found)
    with claims:
        shift_measured.overstated()
frame.next_question("train", _("How did a network become this?"))
