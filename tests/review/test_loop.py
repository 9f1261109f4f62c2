import pytest

from tests.review.loop import QUICK, composed, loop


@pytest.mark.slow
def test_what_was_keyed_makes_another_model_that_is_compared(tmp_path):
    (tmp_path / "quick.toml").write_text(QUICK)
    outcome = loop(composed(tmp_path / "scans", 24), tmp_path, str(tmp_path / "quick.toml"), 8)
    assert outcome.waiting >= outcome.keyed == outcome.by_person > 0
    assert outcome.figures["pages"] == 24 - outcome.keyed
    assert outcome.figures["verdict"] in ("better", "worse", "not clear")
