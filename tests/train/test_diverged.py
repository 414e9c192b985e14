"""Training that leaves the finite numbers says where, and hands over what is needed to look at it."""

import pytest

import rowwise as rw
from rowwise.api import zoo
from rowwise.errors import Diverged

DATA = {"userId": [1, 1, 2, 2], "movieId": [1, 2, 1, 2], "rating": [5.0, 1.0, 1.0, 5.0]}
MODEL = zoo.dot_product.replace(user=rw.Row("userId", 4), item=rw.Row("movieId", 4))


def test_the_first_bad_example_can_be_walked_through_with_the_last_good_tables():
    def rate(epoch):
        return 0.01 if epoch < 2 else 1e30

    with pytest.raises(Diverged, match=r"not finite in epoch 3: userId(.|\n)*walks through that") as caught:
        MODEL.fit(DATA, optimizer="sgd", learning_rate=rate, epochs=5, engine="llvm")
    error = caught.value
    assert error.fitted.history["epoch"].to_list() == [1, 2]
    examples = [dict(zip(DATA, row, strict=True)) for row in zip(*DATA.values(), strict=True)]
    number = examples.index(error.example)
    walk = error.fitted.steps(error.example)
    assert walk.values[walk.prediction] == pytest.approx(error.fitted.predict(DATA)[number], abs=1e-5)


def test_in_the_first_epoch_there_is_no_good_model_to_hand_over():
    with pytest.raises(Diverged) as caught:
        MODEL.fit(DATA, optimizer="sgd", learning_rate=1e30, epochs=2, engine="llvm")
    assert caught.value.fitted is None
