"""ConvScope: open a convolutional network and look inside. Router and frame; the pages hold the rest."""

import sys
import time

from components import heading
from components.arrivals import ARRIVALS

with ARRIVALS.turn():
    screen, page = heading.navigation()
    heading.show(screen)

    if "components.frame" not in sys.modules:
        time.sleep(0.1)  # the import below holds up Python: the question goes out to the browser first
    from components import frame

    frame.side(screen)
    frame.strip(screen)
    frame.run(page)
    frame.finish(screen)
