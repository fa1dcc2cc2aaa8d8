"""How is it built?

label: Architecture
icon: account_tree
group: Look
order: 20
layers: any
"""

from components import frame, show
from components.parts import architecture, fields
from components.text import _

frame.ensure()
subject, glance, here = frame.subject(), frame.glance(), frame.pointed()
frame.answer(architecture.headline(subject, glance))
architecture.drawing(glance, here)

architecture.table(subject, glance, here)
size, field = show.columns([1, 1.4], gap="large")
with size:
    architecture.sizes(glance, here)
with field:
    fields.receptive(subject, here)
architecture.totals(subject, glance)
frame.next_question("kernels", _("What has this layer learned?"))
