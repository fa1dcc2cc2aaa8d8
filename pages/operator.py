"""How is this server doing?

label: Operator
icon: monitor_heart
group: This server
order: 90
strip: none
for: operator
"""

import streamlit as st

from components import frame
from components.parts import operator
from components.text import _

frame.ensure()
if operator.let_in():
    operator.now()
    st.subheader(_("Computations lately"), anchor=False)
    operator.times()
    st.subheader(_("What somebody may have to look into"), anchor=False)
    operator.lately()
