"""Figures: arrays in, a Plotly figure with its words out. Nothing here knows of a page."""

from components.figures.agreement import agreement
from components.figures.attribution import attribution
from components.figures.bars import bars, dense_bars
from components.figures.cells import cover_grid, sum_cells
from components.figures.contract import CONFIG, Drawn, IncompleteFigureError, Words, clicked, finish, require_complete
from components.figures.curves import curves
from components.figures.evidence import Gains, Removed, gain_strip, removal_curves
from components.figures.evidence_classic import classic_curves
from components.figures.evidence_rows import intervals, likeness
from components.figures.histogram import weight_histogram
from components.figures.kernels import kernels, norm_matrix, one_kernel, rgb_kernels, twins
from components.figures.layers import Bar, layer_drawing
from components.figures.maps import one_map
from components.figures.mosaic import even_columns, fitting_columns, mosaic
from components.figures.pictures import input_with_crop, model_input
from components.figures.playing import PHASES
from components.figures.samples import Row, samples
from components.figures.scrubber import scrubber
from components.figures.slides import Slide, slides
from components.figures.strip import Block, Dot, strip
from components.figures.terms import Terms, limits_of, share_of, terms
from components.figures.training import training_curves

__all__ = [
    "CONFIG",
    "PHASES",
    "Bar",
    "Block",
    "Dot",
    "Drawn",
    "Gains",
    "IncompleteFigureError",
    "Removed",
    "Row",
    "Slide",
    "Terms",
    "Words",
    "agreement",
    "attribution",
    "bars",
    "classic_curves",
    "clicked",
    "cover_grid",
    "curves",
    "dense_bars",
    "even_columns",
    "finish",
    "fitting_columns",
    "gain_strip",
    "input_with_crop",
    "intervals",
    "kernels",
    "layer_drawing",
    "likeness",
    "limits_of",
    "model_input",
    "mosaic",
    "norm_matrix",
    "one_kernel",
    "one_map",
    "removal_curves",
    "require_complete",
    "rgb_kernels",
    "samples",
    "scrubber",
    "share_of",
    "slides",
    "strip",
    "sum_cells",
    "terms",
    "training_curves",
    "twins",
    "weight_histogram",
]
