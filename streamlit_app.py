"""ConvScope: open a convolutional network and look inside. Router and frame; the pages hold the rest."""

from components import heading

screen, page = heading.navigation()
heading.show(screen)

from components import frame  # noqa: E402 (the question is on the screen before the rest is imported)

frame.side(screen)
frame.strip(screen)
frame.run(page)
frame.finish(screen)
