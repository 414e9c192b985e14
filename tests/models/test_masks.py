"""What is padding, told to the function."""

import numpy as np
import polars as pl
import pytest

import rowwise as rw
from rowwise.errors import BadModel, BadOption

REVIEWS = pl.DataFrame(
    {
        "text": ["good film", "a good good film", "", "bad film", "so bad and cold", "cold"],
        "label": [1.0, 1.0, 1.0, 0.0, 0.0, 0.0],
    }
)


@rw.model(target="label", loss=rw.binary_cross_entropy)
def bag(words=rw.Bag("text", 3, text=rw.Text()), layer=rw.Weight(3, init="ones")):
    return layer @ words


@rw.model(target="label", loss=rw.binary_cross_entropy)
def masked(
    words=rw.Rows("text", 3, length=5, text=rw.Text(pad="back")),
    layer=rw.Weight(3, init="ones"),
    there=rw.Mask("words"),
):
    return layer @ (there @ words) / (there.sum() + (there.sum() == 0))


@pytest.mark.filterwarnings("ignore::rowwise.errors.UnknownIdsWarning")  # of the empty text
@pytest.mark.parametrize("engine", ["llvm", "xla"])
def test_the_mean_of_what_is_no_padding_is_that_of_a_bag(engine, tmp_path):
    one, other = (m.fit(REVIEWS, epochs=3, batch_size=2, engine=engine) for m in (bag, masked))
    np.testing.assert_allclose(other.predict(REVIEWS), one.predict(REVIEWS), rtol=1e-5)
    np.testing.assert_allclose(other.parameters.tables["words"][1:-1], one.parameters.tables["words"][1:-1], rtol=1e-4)
    assert other.settings["engine"].startswith(engine)
    assert rw.load(other.save(tmp_path / "model")).predict(REVIEWS).tolist() == other.predict(REVIEWS).tolist()
    walk = other.steps({"text": "good film", "label": 1})
    assert walk.values["there"].tolist() == [1, 1, 0, 0, 0]
    assert walk.values["prediction"] == pytest.approx(other.predict({"text": ["good film"]})[0], rel=1e-5)


def test_an_id_that_training_never_saw_is_no_padding():
    @rw.model(target="rating", loss=rw.squared_error)
    def how_many(films=rw.Rows("films", length=3), there=rw.Mask("films")):
        return there.sum() + 0 * films.sum()

    seen = pl.DataFrame({"films": [[1, 2], [2]], "rating": [1.0, 2.0]})
    assert how_many.fit(seen, epochs=1).predict({"films": [[7, 1], [], [1, 2, 1, 2], None]}).tolist() == [2, 0, 3, 0]


def test_a_mask_follows_the_rows_it_tells_of():
    assert masked.replace(words=rw.Rows("review", 3, length=9)).words["there"].shape == (9,)
    assert "1 where words has an id, 0 where it is padding" in str(masked)


def test_a_mask_of_what_is_never_padded_is_refused():
    with pytest.raises(BadModel, match=r"(?s)'there' of .* is the mask of 'words', which is no Rows"):
        masked.replace(words=rw.Bag("text", 3))
    with pytest.raises(BadOption, match=r"Mask\(3\)"):
        rw.Mask(3)  # type: ignore[arg-type]
