"""A film as a GIF: every moment in the colours of the screen, with its step written under it."""

from __future__ import annotations

import io
import unicodedata
from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from components import raster, tokens
from components.colour import rgb
from components.figures.film import PACE, Film
from components.figures.mosaic import assemble
from components.raster import Pixels

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
SIDE = 640
MOST = 900
BAND = 30
PLAIN = {"\u2212": "-", "\u2013": "-", "\u2014": "-", "\u00d7": "x"}
MISSING = "\uffff"
"""A sign that no font has: it is drawn as the box that stands for all of them."""
LAST = 1600
"""Milliseconds that the last moment stays."""


def of(shown: Film, stamp: str = "") -> bytes:
    """Return the film as a GIF that runs on and on; `stamp` is written before each moment's words."""
    shown = replace(shown, labels="none")  # a GIF has no room for numbers of 12 pixels over each tile
    pictures = [_picture(shown, at, stamp) for at in range(len(shown.said))]
    durations = [PACE] * (len(pictures) - 1) + [LAST]
    file = io.BytesIO()
    pictures[0].save(file, "GIF", save_all=True, append_images=pictures[1:], duration=durations, loop=0, optimize=False)
    return file.getvalue()


def _picture(shown: Film, at: int, stamp: str) -> Image.Image:
    drawn = raster.as_rgb(_large(_pixels(shown, at)))
    height, width = drawn.shape[:2]
    font = ImageFont.load_default(14)
    said = [writable(_words(shown, one, stamp), font) for one in range(len(shown.said))]
    room = max(map(font.getlength, said)) + 16
    whole = np.full((height + BAND, max(width, round(room)), 3), 255, np.uint8)
    whole[:height, :width] = drawn
    picture = Image.fromarray(whole)
    ImageDraw.Draw(picture).text((8, height + 7), said[at], fill=tokens.INK, font=font)
    return picture.quantize(256, dither=Image.Dither.NONE)


def _words(shown: Film, at: int, stamp: str) -> str:
    return f"{stamp} \u00b7 {shown.said[at]}" if stamp else shown.said[at]


def writable(said: str, font: Font) -> str:
    """Return a text in signs that the font has: others become their plain form, "?" where there is none."""
    return "".join(letter if _has(font, letter) else _plain(letter, font) for letter in said)


def _plain(letter: str, font: Font) -> str:
    plain = PLAIN.get(letter) or unicodedata.normalize("NFKD", letter)
    return "".join(one for one in plain if not unicodedata.combining(one) and _has(font, one)) or "?"


def _has(font: Font, letter: str) -> bool:
    return letter == " " or bytes(font.getmask(letter)) != bytes(font.getmask(MISSING))


def _pixels(shown: Film, at: int) -> Pixels:
    """Return one moment, a pixel a cell, (h, w, 3)."""
    if shown.picture is not None:
        return raster.overlay(shown.picture, shown.tiles[at, 0], shown.kind, shown.limits[at])
    coloured = raster.colour_map(assemble(shown.tiles[at], shown.grid(SIDE)), shown.kind, shown.limits[at])
    gaps = coloured[..., 3] == 0
    coloured[gaps, :3] = rgb(tokens.MAT)
    return coloured[..., :3]


def _large(pixels: Pixels) -> Pixels:
    """Enlarge by a whole factor to some 640 pixels, or leave out pixels beyond 900."""
    longest = max(pixels.shape[:2])
    times = max(1, SIDE // longest)
    every = -(-longest // MOST)
    return pixels.repeat(times, axis=0).repeat(times, axis=1)[::every, ::every]
