"""The sizes of screen that pages are held against, in pixels: a whole one, a window on half of it, a phone's."""

DESKTOP = {"width": 1440, "height": 900}
HALF = {"width": 900, "height": 900}
PHONE = {"width": 390, "height": 844}
