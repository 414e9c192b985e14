"""XLA batches against the steps: the same losses, tables and optimizer states after every epoch."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rowwise as rw
from reference import drawing, random_examples, random_parameters, trains_as_the_reference
from rowwise.backends import reference
from rowwise.backends.xla import batch as xla_batch
from rowwise.backends.xla.batch import XlaBatch, predict
from rowwise.backends.xla.inputs import width_of
from rowwise.data.examples import Examples
from rowwise.errors import Diverged
from rowwise.program.inputs import RowLookup
from rowwise.program.passes.anonymous import anonymous
from trainable import LINES, MODELS, bags, biased, classes, matrices, numbers, rated, shared, summed, written


@pytest.mark.parametrize("name", MODELS)
def test_epochs_of_batches_move_everything_as_the_steps_say(name):
    # 11 examples in batches of 4 over 5 rows: rows meet in a batch, and the last batch is smaller
    trains_as_the_reference(XlaBatch, MODELS[name])


@pytest.mark.parametrize(
    ("model", "options"),
    [
        (biased, {"batch_size": 1}),
        (biased, {"batch_size": 100}),  # one batch, smaller than asked for
        (biased, {"n": 1}),
        (biased, {"optimizer": "sgd", "update": "dense"}),
        (biased, {"optimizer": "adam", "update": "dense"}),
        (numbers, {"optimizer": "adagrad", "update": "dense"}),
        (summed, {"optimizer": "rmsprop", "update": "dense"}),
        (shared, {"optimizer": "momentum"}),
        (matrices, {"optimizer": "adam"}),
    ],
    ids=lambda given: given.name if hasattr(given, "name") else "-".join(map(str, given.values())),
)
def test_other_ways_to_train_agree_too(model, options):
    trains_as_the_reference(XlaBatch, model, **options)


# Random programs


@settings(max_examples=5)
@given(LINES, st.sampled_from(["sgd", "adagrad"]), st.sampled_from(["sparse", "dense"]))
def test_random_programs_train_as_the_steps_say(lines, optimizer, update):
    trains_as_the_reference(XlaBatch, written(lines), optimizer=optimizer, update=update, epochs=1, n=6, rate=0.02)


@settings(max_examples=5)
@given(LINES, st.integers(0, 1000))
def test_random_programs_predict_as_the_steps_say(lines, seed):
    model = written(lines)
    program = model.program(optimizer="sgd")
    examples, parameters = random_examples(program, 5, seed=seed), random_parameters(model, program, seed=seed)
    found = predict(program, parameters.tables, examples, means={})
    for k in range(examples.n):
        one = examples.take(np.array([k]))
        rows = {i.value.name: i for i in program.lookups if isinstance(i, RowLookup)}
        inputs = {name: parameters.tables[i.table][one.rows[i.column][0]] for name, i in rows.items()}
        seen = one.rows["seen"]
        inputs |= {
            "seen": reference.shares("mean", seen.weights["stars"]) @ parameters.tables["seen"][seen.rows],
            "other": np.zeros(3),
            "layer": parameters.tables["layer"],
            "age": one.values["age"][0],
        }
        values = reference.run(program, inputs)
        np.testing.assert_allclose(found[k], reference.number(values, program.prediction), rtol=1e-4, atol=1e-5)


# What a person can see


def test_a_row_twice_in_a_batch_gets_the_sum_of_its_gradients_and_one_update():
    @rated
    def bias(user=rw.Row("userId")):
        return user

    program = bias.program(optimizer="sgd")
    parameters = random_parameters(bias, program, n_rows=3)
    parameters.tables["user"][...] = [9.0, 1.0, 2.0]
    examples = Examples(2, {"userId": np.int32([1, 1])}, {}, np.float32([2.0, 5.0]))
    loss = XlaBatch(program, examples, parameters, means={}, batch_size=2, seed=0).epoch(0, 0.5)
    assert loss == ((1 - 2) ** 2 + (1 - 5) ** 2) / 2
    mean_gradient = (2 * (1 - 2) + 2 * (1 - 5)) / 2
    assert parameters.tables["user"].tolist() == [9.0, 1.0 - 0.5 * mean_gradient, 2.0]


def test_rows_that_no_example_names_stay_where_they_are():
    program = biased.program(optimizer="adam")
    parameters = random_parameters(biased, program, n_rows=50)
    before = parameters.copy()
    examples = random_examples(program, 8, n_rows=5)
    XlaBatch(program, examples, parameters, means={}, batch_size=4, seed=0).epoch(0, 0.1)
    for name, array in parameters.arrays().items():
        np.testing.assert_array_equal(array[5:], before.arrays()[name][5:])


def test_a_column_may_be_an_id_and_a_number_and_be_called_target():
    @rated
    def odd(hour=rw.Row("target"), clock=rw.Value("target"), other=rw.Row("hour")):
        return hour * clock + other

    trains_as_the_reference(XlaBatch, odd, epochs=1)


def test_the_drawn_item_is_one_item_in_both_of_its_tables():
    @rw.model()
    def pair(user=rw.Row("userId"), row=rw.Sampled("itemId", 2), bias=rw.Sampled("itemId")):
        return (row[0] - bias) ** 2 * 1e6 + user * 0.0

    program = pair.program(optimizer="sgd")
    examples = random_examples(program, 20)
    parameters = random_parameters(pair, program, n_rows=9)
    parameters.tables["row"][:, 0] = parameters.tables["bias"] = np.arange(9, dtype=np.float32)
    assert drawing(XlaBatch, program, examples, parameters, means={}, batch_size=4, seed=0).epoch(0, 0.0) == 0


def test_each_epoch_has_an_order_and_masks_of_its_own():
    program = numbers.program(optimizer="sgd")
    losses = []
    engine = XlaBatch(
        program,
        random_examples(program, 9),
        random_parameters(numbers, program),
        means={"mean": 0.0},
        batch_size=3,
        seed=1,
    )
    losses = [engine.epoch(epoch, 0.0) for epoch in (0, 1, 0)]  # nothing moves
    assert losses[0] == losses[2] != losses[1]
    assert (engine._order(0) != engine._order(1)).any()


def test_the_same_seed_gives_the_same_bytes():
    def trained(seed):
        program = biased.program(optimizer="sgd")
        parameters = random_parameters(biased, program)
        engine = XlaBatch(program, random_examples(program, 9), parameters, means={}, batch_size=3, seed=seed)
        engine.epoch(0, 0.1)
        return {name: array.tobytes() for name, array in parameters.arrays().items()}

    assert trained(1) == trained(1)
    assert trained(1) != trained(2)


def test_a_loss_that_is_no_number_says_where_and_what_to_do():
    program = biased.program(optimizer="sgd")
    parameters = random_parameters(biased, program)
    parameters.tables["user"][...] = 1e30
    before = parameters.copy()
    engine = XlaBatch(program, random_examples(program, 9), parameters, means={}, batch_size=3, seed=0)
    with pytest.raises(
        Diverged, match=r"(?s)the loss of batch 1 of epoch 3 is inf.*lower learning_rate \(it was 0\.1\)"
    ):
        engine.epoch(2, 0.1)
    for name, array in parameters.arrays().items():
        np.testing.assert_array_equal(array, before.arrays()[name])


# Predictions


def test_predictions_are_in_the_order_of_the_examples_whatever_the_batch_size(monkeypatch):

    program = bags.program()
    examples, parameters = random_examples(program, 23), random_parameters(bags, program)
    whole = predict(program, parameters.tables, examples, means={})
    assert whole.shape == (23,)
    monkeypatch.setattr(xla_batch, "MOST", 1)  # numbers at once: batches of two
    np.testing.assert_allclose(predict(program, parameters.tables, examples, means={}), whole, rtol=1e-5)
    one = predict(program, parameters.tables, examples.take(np.array([17])), means={})
    np.testing.assert_allclose(one, whole[17:18], rtol=1e-5)


def test_a_prediction_drops_nothing_out():
    program = numbers.program()
    examples, parameters = random_examples(program, 3), random_parameters(numbers, program)
    found = predict(program, parameters.tables, examples, means={"mean": 0.5})
    t = parameters.tables
    wanted = [
        (t["layer"] @ t["user"][examples.rows["userId"][k]]) @ (examples.values["place"][k] + t["fixed"])
        + t["shift"] * examples.values["age"][k]
        + 0.5
        for k in range(3)
    ]
    np.testing.assert_allclose(found, wanted, rtol=1e-5)


def test_no_examples_have_no_predictions():
    program = classes.program()
    examples = random_examples(program, 3).take(np.zeros(0, int))
    found = predict(program, random_parameters(classes, program).tables, examples, means={})
    assert found.shape == (0, 2)


def test_many_sizes_of_data_compile_few_programs():
    from rowwise.backends.xla import batch
    from rowwise.program.passes.anonymous import anonymous

    program = biased.program(optimizer="lion")
    parameters = random_parameters(biased, program)
    for n in range(1, 33):
        predict(program, parameters.tables, random_examples(program, n), means={})
    assert batch._prediction(anonymous(program).program)._cache_size() <= 6


def test_xla_compiles_an_epoch_once_for_all_trainings_of_a_program_and_shapes():
    ratings = {"userId": [1, 2, 3, 4] * 6, "itemId": [1, 2, 3] * 8, "rating": [float(k % 5) for k in range(24)]}
    options = {"engine": "xla", "optimizer": "adagrad", "batch_size": 4, "epochs": 2}
    xla_batch._epoch.cache_clear()
    fitted = biased.fit(ratings, seed=0, learning_rate=0.1, **options)
    biased.fit(ratings, seed=1, learning_rate=0.2, **options)
    fitted.fit(ratings, epochs=1, batch_size=4)
    kept = xla_batch._epoch.cache_info()
    assert (kept.misses, kept.currsize) == (1, 1)
    assert xla_batch._epoch(anonymous(fitted.program).program)._cache_size() == 1


@rw.model(target="rating", loss=rw.squared_error)
def baskets(basket=rw.Bag("basket")):
    return basket


def test_xla_compiles_an_epoch_once_for_all_chunks_of_a_file(tmp_path):
    lists = [[k % 5] * (33 + (k % 24 == 0) * k // 24 % 4) for k in range(12 * 24)]  # few of the longest: 33 to 36
    path = tmp_path / "baskets.parquet"
    pl.DataFrame({"basket": lists, "rating": [float(k % 5) for k in range(12 * 24)]}).write_parquet(path)
    xla_batch._epoch.cache_clear()
    fitted = baskets.fit(path, engine="xla", chunk_rows=24, batch_size=8, epochs=1)
    assert xla_batch._epoch(anonymous(fitted.program).program)._cache_size() == 1


@pytest.mark.parametrize("longest", [0, 1, 7, 15, 16, 17, 100, 1000, 4097])
def test_lists_are_padded_by_an_eighth_at_most(longest):
    assert longest <= width_of(longest) <= max(1, longest * 9 / 8)
