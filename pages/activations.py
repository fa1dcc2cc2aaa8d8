"""What does this picture set off?

label: Activations
icon: layers
group: Look
order: 40
layers: any
strip: last
"""

from components import controls, frame, presets, show
from components.parts import activations, channels
from components.text import _

frame.ensure()
subject, here = frame.subject(), frame.pointed()
layer = here.layer
values = activations.of_layer(subject, layer)
frame.answer(activations.headline(layer, values))
views: list[activations.View] = []


def picture() -> None:
    """Draw the mosaic and its controls, of the layer that is pointed at when this is called."""
    subject, here = frame.subject(), frame.pointed()
    if not here.layer.spatial:
        frame.layer_slider()
        return
    values = activations.of_layer(subject, here.layer)
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
    views[:] = [activations.View(span, order, low, high, columns, over)]
    with result:
        activations.mosaic(subject, here, values, views[0])


frame.ahead(picture)
if views:
    one, scrub = show.columns(2)
    with one:
        activations.one_channel(subject, here, values, views[0])
    with scrub:
        activations.scrubber(subject, here, values, views[0])
    channels.side_by_side(subject, here, views[0])
    channels.table(layer, values)
else:
    channels.units(subject, here, values)
frame.next_question("what_if", _("Did this channel matter? Switch it off."))
