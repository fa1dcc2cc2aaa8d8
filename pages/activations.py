"""What does this picture set off?

label: Activations
icon: layers
group: Look
order: 40
layers: any
strip: last
"""

from components import controls, frame, presets, show
from components.parts import activations, channels, recorder_views
from components.text import _

frame.ensure()
subject, here = frame.subject(), frame.pointed()
layer = here.layer
values = activations.of_layer(subject, layer)
frame.answer(activations.headline(layer, values))
if layer.spatial:
    result, settings = show.columns([2.4, 1])
    with settings:
        frame.layer_slider()
        span = controls.segments("range", _("Colour range"), activations.RANGES, "layer", activations.range_title)
        order = controls.segments("channel_order", _("Order"), activations.ORDERS, "index", activations.order_title)
        with controls.more(_("More")):
            low, high = activations.fixed_limits(span, values)
            columns = controls.number("channel_columns", _("Columns, 0 to fit"), 0, 32, 0, 1)
            over = controls.toggle("over", _("Channel over the picture"))
        activations.picker(here, values)
        presets.menu("activations")
    view = activations.View(span, order, low, high, columns, over)
    with result:
        activations.mosaic(subject, here, values, view)
    frame.picture_first()
    one, scrub = show.columns(2)
    with one:
        activations.one_channel(subject, here, values, view)
    with scrub:
        activations.scrubber(subject, here, values, view)
    channels.side_by_side(subject, here, view)
    channels.table(layer, values)
else:
    frame.layer_slider()
    channels.units(subject, here, values)
recorder_views.activations(subject, here)
frame.next_question("what_if", _("Did this channel matter? Switch it off."))
