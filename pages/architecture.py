"""How is it built?

label: Architecture
icon: account_tree
group: Look
order: 20
layers: any
"""

import streamlit as st

from components import architecture, frame
from components.text import _

frame.ensure()
subject, glance, here = frame.subject(), frame.glance(), frame.pointed()
frame.answer(architecture.headline(subject, glance))
architecture.drawing(glance, here)

table, detail = st.columns([1.5, 1], gap="medium")
with table:
    architecture.table(subject, glance, here)
with detail:
    architecture.sizes(glance, here)
architecture.receptive(subject, here)
architecture.totals(subject, glance)
frame.next_question("kernels", _("What has this layer learned?"))
