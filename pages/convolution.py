"""How is one number made?

label: Convolution
icon: functions
group: Learn
order: 75
layers: any
"""

import streamlit as st

from components import controls, frame, show
from components.parts import guess, lens, lens_maps, lens_play, lens_terms, lens_toy, lens_words
from components.text import _

frame.ensure()
subject, here = frame.subject(), frame.pointed()
WHERE = {"model": _("The open model"), "toy": _("A small picture, step by step")}
where = controls.segments("numbers", _("Numbers of"), list(WHERE), "model", WHERE.__getitem__)
if where == "toy":
    picture = st.container() if show.stacked() else None
    setting = lens_toy.setting()
    question = lens_toy.size_question(setting.toy)
    with picture or st.container():
        shown = not setting.guess or guess.ask(question)
        if shown:
            lens_toy.drawn(setting)
    frame.answer(lens_toy.headline(setting, asked=not shown))
else:
    taken = lens.take(subject, here)
    if isinstance(taken, lens.NotShown):
        frame.answer(lens_words.refusal(taken))
        frame.layer_slider()
    else:
        frame.answer(lens_words.headline(taken.made))
        with lens.picker(taken):
            lens_play.control(taken)
        reads, gives, sums = show.columns(3)
        with reads:
            lens_maps.reads(taken)
        with gives:
            lens_maps.gives(taken)
        with sums:
            lens_terms.formula(taken)
        lens_terms.terms(taken)
frame.next_question("filters", _("What do other kernels make of a picture?"))
