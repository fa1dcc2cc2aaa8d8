"""What has each layer learned to respond to?

label: Kernels
icon: grid_view
group: Look
order: 30
layers: kernel
strip: last
"""

from components import controls, frame, presets, show
from components.parts import guess, guess_kernels, kernels, recorder_views, slices
from components.text import _

frame.ensure()
subject, here = frame.subject(), frame.pointed()
stored = kernels.of_layer(subject, here.layer)
result, settings = show.columns([2.4, 1])
with settings:
    frame.layer_slider()
    source = controls.slider("input", _("Input channel"), 0, stored.inputs - 1, 0, 1)
    scale = controls.segments("limits", _("Colour limits"), kernels.LIMITS, "shared", kernels.limits_title)
    twin = kernels.twin_toggle(subject)
    with controls.more(_("More")):
        folded = kernels.folded_toggle(stored)
        order = controls.segments("kernel_order", _("Order"), kernels.ORDERS, "index", kernels.order_title)
        columns = controls.number("kernel_columns", _("Columns, 0 to fit"), 0, 64, 0, 1)
        bound = controls.number("bound", _("Fixed limit, ±"), 0.001, 100.0, 0.5, 0.05)
        guessing = twin and guess.on()
    presets.menu("kernels")
view = kernels.View(min(source, stored.inputs - 1), scale, twin, folded, order, columns, bound)
with result:
    shown = not guessing or guess_kernels.settled(subject, stored, view)
if shown:
    frame.answer(kernels.headline(subject, stored, view))
    with result:
        kernels.all_of_one_input(subject, here, stored, view)
    frame.picture_first()
    one, numbers = show.columns(2)
    with one:
        slices.one_kernel(here, stored, view)
    with numbers:
        slices.distribution(stored, view)
    slices.in_colour(here, stored, view)
    slices.norms(here, stored, view)
    recorder_views.kernels(subject, here, view.source)
else:
    frame.answer(_("Two grids of {layer}, one trained: which is it?").format(layer=stored.layer))
frame.next_question("activations", _("What does this channel respond to in the picture?"))
