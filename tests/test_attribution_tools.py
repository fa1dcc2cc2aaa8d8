"""Beside a map: code that makes it again, its curve, its relatives, the pictures that stand in for its own."""

from __future__ import annotations

import json
from io import BytesIO

import numpy as np
import pytest
from screen import address, assert_fine, make_ready, opened, texts

from components import compute, figures, growing, sentences, standins
from components.figures import Words
from components.parts import code, exports, formulas
from components.parts.targets import Explained
from components.parts.variants import VARIANTS
from components.sentences.samples import reached
from explain import Target
from explain.fills import LABELS, stand_ins

FASHION = {"model": "fashion_cnn"}


@pytest.fixture(scope="module")
def boot():
    return make_ready("fashion_cnn")


@pytest.fixture(scope="module")
def cat():
    return make_ready("efficientnet_lite0")


@pytest.fixture(autouse=True)
def _nothing_known():
    compute.st.session_state.clear()
    compute._results()[0].clear()


def result_of(subject, method, target, **settings):
    *_, last = growing.attribution(subject, method, target, "", settings)
    return last


def one_of(subject, target):
    return Explained(subject, compute.glance(subject), target, "boot")


MADE = {
    "pair": ("saliency", Target(9, 7), {}),
    "smoothed": ("saliency", Target(9), {"smooth_samples": 3, "smooth_noise": 0.1, "seed": 4, "signed": True}),
    "squares": ("saliency", Target(9), {"smooth_samples": 2, "smooth_statistic": "squares", "parity": True}),
    "layer": ("grad_cam", Target(3, 9), {"layer": "conv_1", "signed": True}),
    "blind": ("eigen_cam", Target(3), {}),
    "masks": ("rise", Target(9), {"masks": 100, "seed": 2}),
    "baseline": ("integrated_gradients", Target(9, 7), {"baseline": "random", "steps": 8, "seed": 1}),
    "against": ("saliency", Target(9, kind="log_probability", sign=-1), {}),
}


@pytest.mark.parametrize("case", MADE)
def test_the_code_beside_a_map_makes_it_again(boot, case):
    method, target, settings = MADE[case]
    result = result_of(boot, method, target, **settings)
    written = code.snippet(one_of(boot, target), result)
    found: dict[str, object] = {}
    exec(compile(written, "snippet", "exec"), found)
    again = found["result"]
    np.testing.assert_array_equal(again.map, result.map)
    assert dict(again.settings) == dict(result.settings)
    assert ("target=" in written) == (case != "blind")


def test_code_of_a_picture_of_ones_own_opens_a_file(boot):
    from components.subjects import Subject

    result = result_of(boot, "saliency", Target(9))
    mine = Subject(boot.model, boot.state, "upload/0123456789ab")
    written = code.snippet(Explained(mine, compute.glance(boot), Target(9), "mug"), result)
    assert 'open_image("your-picture.png").pixels' in written
    compile(written, "snippet", "exec")


def test_every_map_offers_its_code():
    at = opened("attribution", **FASHION, methods="saliency,eigen_cam,rise", rise_masks=100)
    assert_fine(at)
    written = [one.value for one in at.code if "attribute(" in one.value]
    assert len(written) == 3
    assert sum("Target(9, minus=7)" in one for one in written) == 1


def test_relatives_are_one_formula_at_the_last_layer_of_one_network_and_not_of_another(boot, cat):
    at = opened("attribution", methods="grad_cam")
    assert_fine(at)
    (said,) = [text for text in texts(at) if "Same formula here" in text]
    kin = [other.title for other in formulas.relatives(VARIANTS["grad_cam"])]
    assert len(kin) == 2
    assert all(title in said for title in kin)
    glance, target = compute.glance(cat), Target(285)
    maps = [
        result_of(cat, key, target, layer=glance.default_layer).map for key in ("grad_cam", "hirescam", "xgrad_cam")
    ]
    for other in maps[1:]:
        np.testing.assert_allclose(other, maps[0], atol=1e-5 * maps[0].max())

    at = opened("attribution", **FASHION, methods="grad_cam")
    assert not any("Same formula here" in text for text in texts(at))
    next(one for one in at.button if one.label == f"Beside {kin[0]}").click().run()
    assert_fine(at)
    assert address(at)["methods"].split(",")[0] == "grad_cam"
    assert len(address(at)["methods"].split(",")) == 2


def test_a_cam_stands_beside_its_relative_where_nobody_chose_and_they_are_two_formulas(boot, cat):
    def drawn(**view):
        at = opened("attribution", **view)
        assert_fine(at)
        return [key for text in texts(at) for key in VARIANTS if f"**{VARIANTS[key].title}**]" in text]

    assert drawn(**FASHION) == ["grad_cam", "hirescam", "saliency"], "two to a row, the pair in the first"
    assert drawn(**FASHION, methods="grad_cam") == ["grad_cam"], "a choice is kept"
    assert drawn() == ["saliency", "grad_cam"], "at EfficientNet's last layer it would be the same map"
    assert drawn(layer="block5c_depthwise_relu") == ["grad_cam", "hirescam", "saliency"]
    assert set(drawn(**FASHION, also="fashion/1")) == {"saliency", "grad_cam"}, "several pictures have two each"


@pytest.mark.parametrize("kind", LABELS)
def test_a_stand_in_is_drawn_as_the_model_gets_it(cat, boot, kind):
    for subject in (cat, boot):
        real = stand_ins(kind, compute.model_input(subject)[None], subject.entry, 3)
        drawn = standins.pictures(subject, kind, 3)
        assert len(real) == len(drawn)
        for one, pixels in zip(real, drawn, strict=True):
            light = 255 - pixels if standins.inverted(subject) else pixels
            low, high = (float(compute.model_input(subject).min()), float(compute.model_input(subject).max()))
            np.testing.assert_allclose(subject.entry.preprocess(light), one[0], atol=0.02 * (high - low))


def test_stand_ins_stand_below_their_control():
    at = opened("attribution", **FASHION, methods="integrated_gradients", integrated_gradients_baseline="white")
    assert_fine(at)
    assert any("Drawn dark on light" in text for text in texts(at))


def test_a_curve_stands_beside_a_map_over_samples_and_what_another_way_saves(boot):
    at = opened("attribution", **FASHION, methods="smoothgrad,grad_cam", smooth_sampling="antithetic")
    assert_fine(at)
    said = "\n".join(texts(at))
    assert "After 20 samples halves agree at 0." in said
    assert said.count("The map from one half of the samples") == 1, "a CAM has no samples"
    next(one for one in at.button if one.label == "Compare with as many plain draws").click().run()
    assert_fine(at)
    assert any(text.startswith(":small[:gray[To agree at 0.") and "plain draws" in text for text in texts(at))


def test_what_is_saved_is_the_samples_to_the_level_that_both_reached():
    plain, pairs = [(1, 0.1), (5, 0.4), (9, 0.6), (13, 0.8)], [(4, 0.5), (8, 0.8), (12, 0.9)]
    assert reached(plain, 0.5) == 7
    assert reached(pairs, 0.8) == 8
    assert np.isnan(reached(plain, 0.9))
    assert reached([(1, 0.7), (5, 0.2), (9, 0.7)], 0.5) == pytest.approx(7.4), "a lucky start does not count"
    assert sentences.saved(pairs, plain, "pairs").startswith("To agree at 0.80, pairs took 8 samples, plain draws 13.")
    assert sentences.saved(plain, pairs, "pairs").endswith("it saved nothing.")
    assert "Too few" in sentences.saved([], plain, "pairs")


def test_the_curve_needs_a_point_and_names_two():
    words = Words("After 9 samples halves agree at 0.60", "caption")
    one = figures.agreement({"plain": [(5, 0.4), (9, 0.6)]}, words, readable=0.5)
    assert not one.figure.layout.annotations
    both = figures.agreement({"plain": [(5, 0.4)], "pairs": [(5, 0.5)]}, words, readable=0.5)
    assert "pairs" in both.figure.layout.annotations[0].text
    assert "plain: 0.40 (5)" in both.alt
    with pytest.raises(ValueError, match="at least one point"):
        figures.agreement({"plain": []}, words, readable=0.5)


@pytest.mark.parametrize(
    ("method", "said"),
    [
        ("saliency", {"target": 9, "minus": 7, "score": "logit"}),
        ("score_cam", {"target": 9, "minus": None, "score": "class"}),
        ("eigen_cam", {"target": None, "minus": None, "score": None}),
    ],
)
def test_a_file_says_what_its_map_is_about(boot, method, said):
    variant = VARIANTS[method]
    one = Explained(boot, compute.glance(boot), Target(9, 7), "boot", usual=True).suited(variant.method)
    result = result_of(boot, method, one.target)
    with np.load(BytesIO(exports.raw_npz(one, result))) as file:
        kept = json.loads(str(file["settings"]))
    assert {name: kept[name] for name in said} == said
    assert ("_9" in exports.file_stem(one, variant)) == (said["target"] is not None)
    assert ("minus_7" in exports.file_stem(one, variant)) == (said["minus"] is not None)
