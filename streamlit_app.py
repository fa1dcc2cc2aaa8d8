"""ConvScope: open a convolutional network and look inside. Router and frame; the pages hold the rest."""

from components import frame

screen, page = frame.navigation()
frame.side(screen)
frame.header(screen)
frame.strip(screen)
frame.run(page)
frame.finish(screen)
