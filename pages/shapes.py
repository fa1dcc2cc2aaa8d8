"""What comes out, and what does it cost?

label: Shapes
icon: straighten
group: Learn
order: 77
strip: none
"""

from components import frame, presets, show
from components.parts import chain, chain_editor, chain_words
from components.text import _

frame.ensure()
shape, links, wrong = chain_editor.edited()
presets.menu("shapes")
done, problem = chain.possible(shape, links)
frame.answer(chain.headline(shape, done, problem))
chain.trouble(done, problem, wrong)
here, ends = chain.chosen(done), chain_words.left_out(problem, wrong)
chain.drawing(done, here)
chain.table(shape, links, done)
if here is not None:
    size, costs = show.columns([1, 1.4], gap="large")
    with size:
        chain.detail(here)
    with costs:
        chain.totals(shape, done, ends)
chain.take_along(shape, links[: len(done)], ends)
frame.next_question("architecture", _("How is the open model built?"))
