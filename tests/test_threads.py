"""Eight threads on one engine give the maps that one thread gives, whatever each of them asks for first."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from seeds import pictures

from explain import METHODS, attribute
from explain.engine import Engine

THREADS = 8
QUICK = {"steps": 4, "most_steps": 4, "masks": 100}


def settings_of(key):
    return {param.name: QUICK[param.name] for param in METHODS[key].params if param.name in QUICK}


@pytest.mark.parametrize("name", ["skip_model", "gap_model"])
def test_eight_threads_give_the_maps_of_one(request, name):
    """All begin at once on an engine that knows nothing, each with another method and going round: every map is equal,
    every function is traced once, and nobody counts another thread's passes."""
    model = request.getfixturevalue(name)
    alone, together = Engine(model), Engine(model)
    x, keys = pictures(1, alone.input_shape)[0], list(METHODS)
    expected = {key: attribute(alone, x, key, 1, **settings_of(key)) for key in keys}
    found, wrong, begin = [], [], threading.Barrier(THREADS)

    def work(first):
        try:
            begin.wait(30)
            for key in (*keys[first:], *keys[:first]):
                found.append(attribute(together, x, key, 1, **settings_of(key)))
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(2 * number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    assert not wrong
    assert len(found) == THREADS * len(keys)
    for result in found:
        np.testing.assert_allclose(result.raw, expected[result.method].raw, rtol=1e-4, atol=1e-6, err_msg=result.method)
        assert result.findings == expected[result.method].findings
        assert result.passes <= expected[result.method].passes + 4, "its own, and not those of the others"
    assert together.traces == len(together.compiled._made), "each function once, whoever came first"
