"""Figures: complete words, honest geometry, raw values kept, clicks that name what was clicked."""

from __future__ import annotations

import dataclasses
import io

import numpy as np
import pytest
from PIL import Image

from components import figures, tokens
from components.figures import Words, maps
from components.figures.contract import TITLE_LIMIT, Drawn, IncompleteFigureError, clicked, require_complete
from components.figures.mosaic import Grid, fitting_columns, plan

rng = np.random.default_rng(7)
WORDS = Words("Channel 3: strongest at row 1, column 2", "Activation of conv_1.", "whether it matters.")
PICTURE = rng.integers(0, 256, (224, 224, 3), dtype=np.uint8)
CELLS = rng.normal(size=(7, 7)).astype("float32")
MAPS = np.maximum(0, rng.normal(size=(12, 8, 8))).astype("float32")
KERNELS = rng.normal(0, 0.1, (3, 3, 3, 8))
LAYERS = [figures.Bar("a", "conv", 28, 32), figures.Bar("b", "add", 28, 32)]
BLOCKS = [
    figures.Block("28×28 · 32", (figures.Dot("conv_1", "conv"), figures.Dot("pool_1", "pool")), PICTURE, (28, 28), 32),
    figures.Block("1×1 · 10", (figures.Dot("dense", "dense", usable=False, reason="no rows"),), None, None, 10),
]


def draw_all() -> dict[str, Drawn]:
    big = np.kron(np.abs(CELLS), np.ones((32, 32)))
    return {
        "mosaic": figures.mosaic(MAPS, list(range(12)), "activation", WORDS, quantity="activation", pinned=3),
        "one_map": figures.one_map(MAPS[0], "activation", WORDS, quantity="activation", clickable=True, cell=(1, 2)),
        "channel_over": figures.one_map(MAPS[0], "activation", WORDS, quantity="activation", picture=PICTURE),
        "scrubber": figures.scrubber(MAPS.T, list(range(12)), "activation", WORDS, quantity="a", pinned=3),
        "overlay": figures.attribution(big, np.abs(CELLS), PICTURE, WORDS, quantity="logit"),
        "signed": figures.attribution(CELLS, CELLS, PICTURE, WORDS, quantity="logit", signed=True, mode="map"),
        "jet": figures.attribution(big, CELLS, PICTURE, WORDS, quantity="logit", mode="jet", smooth=True),
        "kernels": figures.kernels(KERNELS[:, :, 0].transpose(2, 0, 1), list(range(8)), WORDS, pinned=2),
        "one_kernel": figures.one_kernel(KERNELS[..., 0], WORDS),
        "rgb": figures.rgb_kernels(KERNELS, WORDS, pinned=2),
        "twins": figures.twins(MAPS[:, :3, :3], MAPS[:, 3:6, 3:6], list(range(12)), WORDS, pinned=1),
        "norms": figures.norm_matrix(np.abs(CELLS), WORDS, pinned=1),
        "histogram": figures.weight_histogram(KERNELS, WORDS, twin=CELLS, names=("trained", "untrained")),
        "bars": figures.bars(["cat", "dog"], [0.6, 0.4], [2.0, 1.0], WORDS, target=0, runner_up=1, indices=[285, 7]),
        "dense": figures.dense_bars(CELLS[0], WORDS, quantity="activation", signed=True, pinned=1),
        "sum": figures.sum_cells(CELLS, PICTURE, WORDS, bias=0.5, total=float(CELLS.sum()) + 0.5, names=("cat", None)),
        "cover": figures.cover_grid(CELLS / 10, PICTURE, WORDS, name="cat", before=0.6),
        "strip": figures.strip(BLOCKS, current_layer="conv_1", current_block=0, picture=PICTURE, answer="cat, 39 %"),
        "crop": figures.input_with_crop(PICTURE, (10, 0, 200, 190), WORDS),
        "input": figures.model_input(CELLS[..., None], WORDS, value_range=(-3, 3)),
        "input_rgb": figures.model_input(PICTURE.astype("float32"), WORDS, value_range=(0, 255)),
        "layers": figures.layer_drawing(LAYERS, WORDS, current="b"),
        "curves": figures.curves({"loss": [2.0, 1.0], "val_loss": [2.0, 1.5]}, WORDS, quantity="loss", best=2),
    }  # fmt: skip


ALL = draw_all()


def texts(figure):
    return [trace for trace in figure.data if trace.type == "scatter" and trace.mode == "text"]


@pytest.mark.parametrize("drawn", ALL.values(), ids=ALL)
def test_every_figure_is_complete_quiet_and_writable(drawn):
    require_complete(drawn)
    assert drawn.figure.layout.paper_bgcolor == tokens.CLEAR
    assert drawn.figure.layout.width > 0
    assert drawn.figure.layout.height > 0
    assert drawn.figure.layout.title.text is None
    assert len(drawn.figure.to_json()) < 600_000


@pytest.mark.parametrize("name", ["mosaic", "one_map", "overlay", "jet", "sum", "cover", "scrubber", "kernels"])
def test_pictures_have_square_cells_row_zero_on_top_and_one_labelled_bar(name):
    figure = ALL[name].figure
    assert figure.layout.yaxis.scaleanchor == "x"
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]
    assert figure.layout.xaxis.visible is False
    assert figure.layout.yaxis.visible is False
    bars = [trace.colorbar if trace.type == "heatmap" else trace.marker.colorbar for trace in figure.data
            if trace.to_plotly_json().get("showscale") or trace.to_plotly_json().get("marker", {}).get("showscale")
            or (trace.type == "heatmap" and trace.showscale is None)]  # fmt: skip
    assert len(bars) == 1
    assert bars[0].title.text
    assert len(bars[0].ticktext) >= 2


def test_no_blank_bands():
    for name in ("mosaic", "overlay", "kernels", "one_map"):
        layout = ALL[name].figure.layout
        columns = layout.xaxis.range[1] - layout.xaxis.range[0]
        rows = layout.yaxis.range[0] - layout.yaxis.range[1]
        free = layout.height - layout.margin.t - layout.margin.b
        assert abs(free - layout.width * rows / columns) <= 2 or layout.width == 160


@pytest.mark.parametrize("name", ["title", "caption", "alt"])
def test_a_figure_without_words_is_refused(name):
    with pytest.raises(IncompleteFigureError, match=name):
        require_complete(dataclasses.replace(ALL["mosaic"], **{name: "  "}))


def test_too_long_a_title_is_refused():
    require_complete(dataclasses.replace(ALL["mosaic"], title="x" * TITLE_LIMIT))
    with pytest.raises(IncompleteFigureError, match="at most 90"):
        require_complete(dataclasses.replace(ALL["mosaic"], title="x" * (TITLE_LIMIT + 1)))


def test_mosaic_puts_each_tile_in_its_place_and_opens_the_gutters():
    figure = ALL["mosaic"].figure
    whole = figure.data[0].z
    grid = plan((8, 8), 12, 4, 640, "tile")
    assert whole.shape == grid.shape
    for index, tile in enumerate(MAPS):
        row, column = grid.corner(index)
        np.testing.assert_array_equal(whole[row : row + 8, column : column + 8], tile)
    assert np.isfinite(whole).sum() == MAPS.size


def test_mosaic_markers_name_channel_place_and_raw_value():
    drawn = figures.mosaic(MAPS[:, :4, :4], list(range(5, 17)), "activation", WORDS, quantity="a", raw=MAPS, factor=2)
    layer = next(trace for trace in drawn.figure.data if trace.name == "click")
    assert [tuple(data) for data in layer.customdata] == [("channel", n) for n in range(5, 17)]
    row, column = np.unravel_index(MAPS[2].argmax(), (8, 8))
    assert f"{MAPS[2].max():.2f}" in layer.hovertext[2]
    assert f"row {row}, column {column}" in layer.hovertext[2]
    assert layer.marker.opacity == layer.selected.marker.opacity == layer.unselected.marker.opacity == 0
    assert "strongest of 2\u00d72" in drawn.caption


def test_pinned_tile_is_framed_in_two_tones():
    grid = plan((8, 8), 12, 4, 640, "tile")
    shapes = ALL["mosaic"].figure.layout.shapes
    assert [(shape.line.color, shape.line.width) for shape in shapes] == [(tokens.WHITE, 4), (tokens.INK, 2)]
    assert (shapes[0].x0, shapes[0].y0, shapes[0].x1, shapes[0].y1) == grid.box(3)


def test_silent_and_broken_tiles_are_said_in_words():
    tiles = MAPS.copy()
    tiles[1], tiles[4] = 0, np.nan
    drawn = figures.mosaic(tiles, list(range(12)), "activation", WORDS, quantity="activation")
    said = [word for trace in texts(drawn.figure) for word in trace.text]
    assert said.count("NaN") == 1
    assert said.count("0") == 2


def test_clipped_share_and_own_ranges_are_said():
    drawn = figures.mosaic(
        MAPS, list(range(12)), "activation", WORDS, quantity="a", limits=(0, float(np.median(MAPS[MAPS > 0])))
    )
    share = (np.median(MAPS[MAPS > 0]) < MAPS).mean()
    assert f"{100 * share:.0f}\u00a0% of the values" in drawn.caption
    own = figures.mosaic(MAPS, list(range(12)), "activation", WORDS, quantity="a", per_tile=True)
    assert np.nanmax(own.figure.data[0].z) == 1
    assert "own colour range" in own.caption


@pytest.mark.parametrize(("tiles", "numbers"), [(MAPS, [1]), (MAPS[0], [1]), (MAPS[:0], [])])
def test_mosaic_refuses_tiles_without_their_numbers(tiles, numbers):
    with pytest.raises(ValueError, match="tiles: expected"):
        figures.mosaic(tiles, numbers, "activation", WORDS, quantity="a")


def test_kernel_columns_keep_cells_countable():
    assert fitting_columns(32, 3, 640, 9) == 16
    for count in (1, 7, 32, 64, 512):
        columns = fitting_columns(count, 3, 640, 8)
        assert 640 / (columns * 4 + 1) >= 8
        assert Grid(count, 3, 3, columns).tile_rows * columns >= count


def test_native_cells_cover_their_own_part_of_the_picture():
    np.testing.assert_allclose(maps.cell_places(7, 224), 15.5 + 32 * np.arange(7))
    heat = ALL["overlay"].figure.data[0]
    assert heat.zsmooth is False
    assert heat.x[0] - 16 == -0.5
    assert heat.x[-1] + 16 == 223.5
    image = ALL["overlay"].figure.layout.images[0]
    assert (image.x, image.y, image.sizex, image.sizey) == (-0.5, -0.5, 224, 224)
    np.testing.assert_array_equal(heat.z, np.abs(CELLS))
    assert maps.cell_box((2, 3), (7, 7), 224, 224) == (95.5, 63.5, 127.5, 95.5)


def test_outline_is_the_perimeter_of_the_mask():
    mask = rng.random((9, 11)) > 0.6
    inside = np.pad(mask, 1)
    length = sum(int((inside != np.roll(inside, 1, axis)).sum()) for axis in (0, 1))
    strokes = maps.outline(mask)
    assert sum(abs(x1 - x0) + abs(y1 - y0) for (x0, y0), (x1, y1) in strokes) == length
    single = np.zeros((3, 3), bool)
    single[1, 1] = True
    assert sorted(maps.outline(single)) == sorted(
        [[(0.5, 0.5), (1.5, 0.5)], [(0.5, 1.5), (1.5, 1.5)], [(0.5, 0.5), (0.5, 1.5)], [(1.5, 0.5), (1.5, 1.5)]]
    )


def test_top_mask_holds_the_strongest_tenth_and_never_zeros():
    values = np.arange(100.0).reshape(10, 10) - 30
    assert np.abs(values)[maps.top_mask(values)].min() == 60
    assert maps.top_mask(values).sum() == 10
    assert not maps.top_mask(np.zeros((4, 4))).any()


def test_empty_and_broken_maps_are_never_a_blank():
    for values, word in ((np.zeros((7, 7)), "0 everywhere"), (np.full((7, 7), np.nan), "NaN")):
        drawn = figures.attribution(values, values, PICTURE, WORDS, quantity="logit")
        assert [note.text for note in drawn.figure.layout.annotations] == [word]


def test_sum_cells_write_each_number_and_the_whole_sum():
    drawn = ALL["sum"]
    (text,) = texts(drawn.figure)
    written = [float(word.replace("\u2212", "-")) for word in text.text]
    np.testing.assert_allclose(written, CELLS.ravel(), atol=0.0051)
    total = float(CELLS.sum()) + 0.5
    assert f"= {total:.3g}.".replace("-", "\u2212") in drawn.caption
    row, column = np.unravel_index(CELLS.argmax(), CELLS.shape)
    framed = drawn.figure.layout.shapes[-1]
    assert (framed.x0, framed.y0) == (column * 32 - 0.5, row * 32 - 0.5)
    assert "the cell that adds most" in drawn.caption
    assert text.textfont.color == tokens.INK
    both = figures.sum_cells(CELLS, PICTURE, WORDS, bias=0, total=0, names=("Egyptian cat", "tiger cat"))
    assert [note.text for note in both.figure.layout.annotations] == ["tiger cat", "Egyptian cat"]
    assert [note.x for note in both.figure.layout.annotations] == [0, 1]


def test_covers_are_orange_where_the_answer_falls():
    change = np.full((7, 7), np.nan)
    change[0, :3] = -0.2, 0.1, 0.0
    drawn = figures.cover_grid(change, PICTURE, WORDS, name="cat", before=0.6)
    np.testing.assert_allclose(drawn.figure.data[0].z[0, :3], [20, -10, 0], atol=1e-5)
    edges = {(shape.x0, shape.y0) for shape in drawn.figure.layout.shapes}
    assert edges == {(-0.5, -0.5), (31.5, -0.5)}, "the covers that lower and raise it most"
    small = figures.cover_grid(change / 1000, PICTURE, WORDS, name="cat", before=0.6)
    assert (small.figure.data[0].zmin, small.figure.data[0].zmax) == (-1, 1), "next to nothing stays pale"
    assert not small.figure.layout.shapes
    logit = figures.cover_grid(change, PICTURE, WORDS, name="cat", before=12.0, logits=True)
    np.testing.assert_allclose(logit.figure.data[0].z[0, :3], [0.2, -0.1, 0], atol=1e-6)
    assert (logit.figure.data[0].zmin, logit.figure.data[0].zmax) == pytest.approx((-0.2, 0.2))
    assert "logit 12.0 to 11.8" in next(one for one in logit.figure.data if one.name == "click").hovertext[0]
    layer = next(trace for trace in drawn.figure.data if trace.name == "click")
    assert "60\u00a0% to 40\u00a0%" in layer.hovertext[0]
    assert layer.hovertext[10] == "not covered yet"
    assert "3 of 49" in drawn.caption


def test_a_partial_map_is_framed_in_dashes_and_says_how_far_it_is():
    values = np.abs(CELLS)
    drawn = figures.attribution(values, values, PICTURE, WORDS, quantity="logit", partial="partial: 3 of 20")
    assert [note.text for note in drawn.figure.layout.annotations] == ["partial: 3 of 20"]
    assert [trace.line.dash for trace in drawn.figure.data if trace.type == "scatter" and trace.line.dash] == [
        "8px,6px"
    ]


def test_a_signed_map_names_its_ends_and_an_unsigned_one_has_none():
    names = ("tiger cat", "Egyptian cat")
    signed = figures.attribution(CELLS, CELLS, PICTURE, WORDS, quantity="logit", signed=True, ends=names)
    assert [note.text for note in signed.figure.layout.annotations] == list(names)
    assert "both signs" in signed.caption
    plain = figures.attribution(abs(CELLS), abs(CELLS), PICTURE, WORDS, quantity="logit", ends=names)
    assert not plain.figure.layout.annotations
    assert plain.figure.layout.height < signed.figure.layout.height


def test_a_contour_of_many_single_cells_is_left_out():
    scattered = np.zeros((28, 28), dtype="float32")
    scattered[::3, ::3] = 1
    drawn = figures.attribution(scattered, scattered, PICTURE, WORDS, quantity="|gradient|")
    assert "No contour" in drawn.caption
    together = np.zeros((28, 28), dtype="float32")
    together[:8, :8] = 1
    assert "contour holds" in figures.attribution(together, together, PICTURE, WORDS, quantity="|gradient|").caption


def test_bars_outline_the_target_hatch_the_runner_up_and_report_classes():
    figure = ALL["bars"].figure
    bar = figure.data[1]
    assert list(bar.x) == [0.6, 0.4]
    assert list(bar.marker.pattern.shape) == ["", "/"]
    assert figure.layout.shapes[-1].x1 == 0.6
    assert figure.layout.xaxis.range == (0, 1)
    layer = next(trace for trace in figure.data if trace.name == "click")
    assert [tuple(data) for data in layer.customdata] == [("class", 285), ("class", 7)]


def test_scrubber_holds_every_channel_raw_and_starts_at_the_pinned_one():
    raw = rng.normal(size=(16, 16)).astype("float32")
    channels = np.moveaxis(MAPS, 0, -1)
    numbers = list(range(20, 32))
    drawn = figures.scrubber(channels, numbers, "activation", WORDS, quantity="a", pinned=23, pinned_raw=raw, factor=2)
    assert [frame.name for frame in drawn.figure.frames] == [str(n) for n in numbers]
    assert drawn.figure.layout.sliders[0].active == 3
    np.testing.assert_array_equal(drawn.figure.data[0].z, raw)
    np.testing.assert_array_equal(drawn.figure.frames[5].data[0].z, MAPS[5])
    assert drawn.figure.frames[5].data[0].zmax == pytest.approx(MAPS.max())
    step = drawn.figure.layout.sliders[0].steps[5]
    assert step.method == "animate"
    assert list(step.args[0]) == ["25"]
    quiet = figures.scrubber(channels * 0, numbers, "activation", WORDS, quantity="a")
    assert quiet.figure.layout.sliders[0].steps[1].label == "21: 0"
    with pytest.raises(ValueError, match="channels: expected"):
        figures.scrubber(channels, [1], "activation", WORDS, quantity="a")


def test_small_kernels_carry_their_numbers():
    assert sum(len(trace.text) == 27 for trace in texts(ALL["one_kernel"].figure)) == 1
    deep = figures.one_kernel(rng.normal(size=(3, 3, 64)), WORDS)
    assert max(len(trace.text) for trace in texts(deep.figure)) < 64


def test_colour_kernels_are_centred_on_mid_grey():
    drawn = figures.rgb_kernels(np.zeros((3, 3, 3, 2)), WORDS, limit=0.5)
    source = drawn.figure.layout.images[0].source
    import base64

    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(source.split(",")[1]))))
    assert set(np.unique(pixels[pixels[..., 3] == 255][:, :3])) <= {127, 128}
    with pytest.raises(ValueError, match="three inputs"):
        figures.rgb_kernels(np.zeros((3, 3, 1, 2)), WORDS)


def test_twins_share_one_scale():
    figure = ALL["twins"].figure
    assert sum(trace.type == "heatmap" for trace in figure.data) == 1
    layers = [trace for trace in figure.data if trace.name == "click"]
    assert len(layers) == 2
    assert list(layers[0].customdata) == list(layers[1].customdata)
    assert min(layers[1].y) > max(layers[0].y)


def test_histogram_counts_every_weight():
    figure = ALL["histogram"].figure
    assert sum(figure.data[0].y) == pytest.approx(1)
    assert sum(figure.data[1].y) == pytest.approx(1)
    mean = float(np.dot(figure.data[0].x, figure.data[0].y))
    assert mean == pytest.approx(KERNELS.mean(), abs=2 * float(np.abs(CELLS).max()) / 61)


def test_strip_names_blocks_and_layers():
    figure = ALL["strip"].figure
    blocks = next(trace for trace in figure.data if trace.name == "click")
    dots = next(trace for trace in figure.data if trace.name == "layers")
    assert [tuple(data) for data in blocks.customdata] == [("block", 0), ("block", 1)]
    assert [tuple(data) for data in dots.customdata] == [("layer", "conv_1"), ("layer", "pool_1")]
    assert dots.marker.symbol == ("square", "triangle-down-open")
    assert len(figure.layout.images) == 2
    assert 104 <= figure.layout.height <= 120
    assert "no rows" in blocks.hovertext[1]


def test_strip_draws_the_receptive_field_to_scale():
    drawn = figures.strip(BLOCKS, current_layer=None, current_block=None, picture=PICTURE, box=(0, 112, 56, 224))
    box = next(shape for shape in drawn.figure.layout.shapes if shape.line.color == tokens.INK)
    assert (box.x0, box.x1) == (0, 28)
    assert box.y1 - box.y0 == pytest.approx(14)


def test_strip_folds_for_a_phone_and_refuses_ten_blocks():
    nine = [dataclasses.replace(BLOCKS[0], label=str(n)) for n in range(9)]
    small = figures.strip(nine, current_layer="conv_1", current_block=4, picture=PICTURE, compact=True)
    layer = next(trace for trace in small.figure.data if trace.name == "click")
    assert [tuple(data) for data in layer.customdata] == [("block", 3), ("block", 4), ("block", 5)]
    with pytest.raises(ValueError, match="at most 9"):
        figures.strip([*nine, BLOCKS[1]], current_layer=None, current_block=None, picture=PICTURE)


def test_layers_are_drawn_in_order_and_merges_marked():
    figure = ALL["layers"].figure
    bars = [trace for trace in figure.data if trace.type == "bar"]
    assert [tuple(data) for bar in bars for data in bar.customdata] == [("layer", "a"), ("layer", "b")]
    assert any(trace.marker.symbol == "cross" for trace in figure.data if trace.type == "scatter")
    with pytest.raises(ValueError, match="layers"):
        figures.layer_drawing([], WORDS)


@pytest.mark.parametrize(
    ("event", "answer"),
    [
        ({"selection": {"points": [{"customdata": ["cell", 2, 5]}]}}, ("cell", 2, 5)),
        ({"selection": {"points": [{"x": 1}, {"customdata": ["channel", 12]}]}}, ("channel", 12)),
        ({"selection": {"points": []}}, None),
        (None, None),
    ],
)
def test_a_click_is_read_back(event, answer):
    assert clicked(event) == answer


def test_the_thin_curves_of_a_training_are_not_called_all_of_its_batches():
    """At most four batches a second are told, and at most so many points are drawn."""
    assert "Thin: some of the batches" in figures.training_curves([], [], WORDS, planned=2).caption


def test_a_training_that_was_stopped_at_once_shows_the_one_point_that_it_has():
    batches = [{"epoch": 0.2, "loss": 2.1, "accuracy": 0.25}]
    figure = figures.training_curves(batches, [], WORDS, planned=1).figure
    assert [trace.mode for trace in figure.data if len(trace.x)] == ["markers", "markers"]
    assert figure.layout.yaxis2.range == (0, 1)


def test_a_training_that_was_stopped_within_an_epoch_shows_all_that_came_of_it():
    batches = [{"epoch": at, "loss": 1.0, "accuracy": 0.5} for at in (0.5, 1.0, 1.7)]
    epoch = {"epoch": 1, "loss": 1.0, "accuracy": 0.5, "val_loss": 1.0, "val_accuracy": 0.5}
    figure = figures.training_curves(batches, [epoch], WORDS, planned=1).figure
    assert figure.layout.xaxis.range[1] >= 1.7
