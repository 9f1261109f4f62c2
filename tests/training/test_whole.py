"""Learning to read codes as a whole: what is learned from, and that it is learned."""

from __future__ import annotations

import numpy as np
import pytest

from zipread.compose import sklearn_digits
from zipread.training.strings import BATCH, batches, code_pictures, varied
from zipread.whole import HEIGHT, STEP, WIDEST, load_whole_model

ONE_STEP = ((1, 2e-3),)
TWO_ROUNDS = ((80, 2e-3), (40, 1e-3))


@pytest.fixture(scope="module")
def codes():
    return list(code_pictures(BATCH, 3, sklearn_digits()))


def test_pictures_say_their_digits_and_the_same_seed_gives_the_same(codes):
    assert {len(code.text) for code in codes} == {0, 5, 9}
    assert all(code.text.isdigit() for code in codes if code.text)
    again = list(code_pictures(8, 3, sklearn_digits()))
    assert all(np.array_equal(a.pixels, b.pixels) for a, b in zip(again, codes, strict=False))
    assert [code.text for code in again] == [code.text for code in codes[:8]]


def test_a_code_is_seen_as_a_reader_may_cut_it_out(codes):
    rng = np.random.default_rng(1)
    for code in codes:
        first, second = varied(code, rng), varied(code, rng)
        assert first.shape[0] == HEIGHT
        assert first.shape[1] % STEP == 0
        assert first.shape[1] <= WIDEST
        assert first.shape != second.shape or not np.array_equal(first, second)


def test_batches_hold_what_they_say(codes):
    many = codes * 16
    seen = list(batches(many, 3, np.random.default_rng(2)))
    assert len(seen) == 3
    texts = {tuple(map(int, code.text)) for code in codes}
    for pictures, digits in seen:
        assert pictures.shape[:3] == (BATCH, 1, HEIGHT)
        assert {tuple(each) for each in digits} <= texts


def test_too_few_pictures_are_refused(codes):
    with pytest.raises(ValueError, match="too few"):
        next(batches(codes, 1, np.random.default_rng(2)))


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # PyTorch's own
def test_a_network_learns_and_is_read_as_it_was_written(codes, tmp_path):
    torch = pytest.importorskip("torch", reason="only training needs it")
    pytest.importorskip("onnx")
    training = pytest.importorskip("zipread.training.whole")
    quantise = pytest.importorskip("zipread.training.quantise").quantise
    few, many = (training.fit(codes * 16, rounds, 5) for rounds in (ONE_STEP, TWO_ROUNDS))
    (picture, digits), *_ = batches(codes * 16, 1, np.random.default_rng(4))
    with torch.no_grad():
        losses = [
            float(training._loss(net(torch.from_numpy(picture)), digits)) for net in (few, many)
        ]
        scores = many(torch.from_numpy(picture[:1]))[0, :, 0].log_softmax(0).numpy().T
    assert losses[1] < 0.6 * losses[0]
    training.export(many, tmp_path / "whole.onnx")
    frames = load_whole_model(tmp_path / "whole.onnx").frames(picture[0, 0])
    assert np.abs(frames - np.maximum(scores, np.log(1e-4))).max() < 1e-3
    quantise(tmp_path / "whole.onnx", batches(codes * 16, 5, np.random.default_rng(6)))
    in_8_bits = load_whole_model(tmp_path / "whole.onnx").frames(picture[0, 0])
    assert 0 < np.abs(np.exp(in_8_bits) - np.exp(frames)).mean() < 0.02
