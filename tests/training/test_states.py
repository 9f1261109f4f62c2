"""Learning to read states: what is learned from, and that it is learned."""

from __future__ import annotations

import numpy as np
import pytest

from zipread.compose import sklearn_digits
from zipread.ending import COLUMNS
from zipread.state_model import NONE, load_state_model
from zipread.training.endings import end_pictures
from zipread.whole import HEIGHT


@pytest.fixture(scope="module")
def ends():
    return list(end_pictures(150, 3, sklearn_digits()))


def test_pictures_name_states_and_none_and_the_same_seed_gives_the_same(ends):
    states = [end.state for end in ends]
    assert 0.2 < np.mean([state == NONE for state in states]) < 0.5
    assert len(set(states)) > 30
    assert {end.picture.shape for end in ends} == {(HEIGHT, COLUMNS)}
    again = list(end_pictures(8, 3, sklearn_digits()))
    assert all(np.array_equal(a.picture, b.picture) for a, b in zip(again, ends, strict=False))
    assert [end.state for end in again] == states[:8]


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # PyTorch's own
def test_a_network_learns_and_is_read_as_it_was_written(ends, tmp_path):
    torch = pytest.importorskip("torch", reason="only training needs it")
    pytest.importorskip("onnx")
    training = pytest.importorskip("zipread.training.states")
    networks = pytest.importorskip("zipread.training.networks")
    every = [*ends, *(end for k in range(NONE) for end in _of(k, ends))]
    few, many = (training.fit(every, ((steps, 2e-3),), 5) for steps in (1, 120))
    (pictures, states), *_ = training.batches(every, 1, np.random.default_rng(4))
    with torch.no_grad():
        losses = [
            float(training._loss(net(torch.from_numpy(pictures)), states)) for net in (few, many)
        ]
        share = many(torch.from_numpy(pictures[:1])).softmax(1).numpy()[0]
    assert losses[1] < 0.8 * losses[0]
    networks.export(many, tmp_path / "states.onnx", COLUMNS)
    likely = load_state_model(tmp_path / "states.onnx").likely(pictures[0, 0])
    assert likely[:NONE] / likely[0] == pytest.approx(share[:NONE] / share[0], rel=1e-3)


def _of(state, ends):
    """A picture that is called that of a state, if there is none."""
    found = [end for end in ends if end.state == state]
    return found or [type(ends[0])(ends[0].picture, state)]
