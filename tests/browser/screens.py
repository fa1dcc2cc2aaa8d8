"""The two sizes of screen that every page is held against, in pixels."""

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
