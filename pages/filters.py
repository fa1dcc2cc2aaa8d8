"""What does a kernel do to a picture?

label: Filters
icon: blur_on
group: Learn
order: 76
strip: none
"""

import streamlit as st

from components import controls, frame, show
from components.parts import filter_editor, filters, filters_learned
from components.text import _

frame.ensure()
subject = frame.subject()
result, settings = show.columns([2.2, 1.2], gap="large")
with settings:
    filter_editor.pick()
    stride, padding, dilation = filter_editor.slide()
    kernel, base, wrong = filter_editor.table()
    setting = filter_editor.Setting(kernel, base, stride, padding, dilation)
    with controls.more(_("More")):
        source, drawn = filters.more(subject, setting)
with result:
    if wrong:
        st.error(wrong, icon=":material/edit_off:")
    found = filters.filtered(subject, setting, source)
frame.answer(filters.headline(setting, found))
if found is not None:
    with result:
        goes_in, comes_out = show.columns(2)
    with goes_in:
        filters.before(found)
    with comes_out:
        filters.after(setting, found, drawn)
own, near, size = show.columns(3, gap="large")
with own:
    st.subheader(_("The kernel"), anchor=False)
    filters.kernel(setting)
with near:
    filters_learned.learned(setting)
with size:
    if found is not None:
        filters.size(found)
frame.next_question("shapes", _("How large is what comes out of many layers?"))
