"""The machine-code kernel against the steps, and against itself on other numbers of threads."""

import re
from functools import partial

import jax.numpy as jnp
import numpy as np
import optax
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import rowwise as rw
from mends import mends
from reference import drawing, random_examples, random_parameters, trains_as_the_reference
from rowwise.backends.llvm.kernel import LlvmKernel, ir, predict, support
from rowwise.backends.llvm.runtime import batch_schedule, online_schedule, user_item_grid
from rowwise.backends.xla import batch
from rowwise.data.examples import Examples
from rowwise.errors import BadOption, Diverged
from rowwise.program.inputs import Statistic
from trainable import LINES, MODELS, matrices, rated, written

one_thread = partial(LlvmKernel, threads=1)


@pytest.mark.parametrize("batch_size", [1, 4, 100])
@pytest.mark.parametrize("name", MODELS)
def test_epochs_move_everything_as_the_steps_say(name, batch_size):
    trains_as_the_reference(one_thread, MODELS[name], batch_size=batch_size)


@pytest.mark.parametrize("batch_size", [1, 4])
@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw"])
@pytest.mark.parametrize("name", ["biased", "shared", "numbers"])
def test_every_optimizer_moves_rows_and_their_states(name, optimizer, batch_size):
    trains_as_the_reference(one_thread, MODELS[name], optimizer=optimizer, batch_size=batch_size, rate=0.004, n=23)


@rw.model(target="rating", loss=rw.squared_error)
def two_layers(
    user=rw.Row("userId", 10),
    item=rw.Row("itemId", 10, l2=0.01),
    hidden=rw.Weight((20, 12), l2=0.01),
    hidden_bias=rw.Weight(12),
    output=rw.Weight((12, 1)),
):
    both = jnp.concatenate([user, item])
    return (jnp.maximum(both @ hidden + hidden_bias, 0) @ output)[0]


@rw.model(target="kind", loss=rw.categorical_cross_entropy)
def few_at_once(
    seen=rw.Bag("seen", 10),
    user=rw.Row("userId", 10, table="seen"),
    share=rw.Value("age"),
    mask=rw.Dropout(12, 0.4),
    hidden=rw.Weight((12, 10), l2=0.01),  # read by rows for the prediction, by columns for the derivative
    back=rw.Weight((12, 9)),  # the other way round
    output=rw.Weight((2, 9)),
    bias=rw.Weight(2),
):
    return output @ jnp.tanh((jnp.tanh(hidden @ (seen + user)) * mask) @ back) + bias * share


@rw.model(target="rating", loss=rw.squared_error)
def crossed(user=rw.Row("userId", 12), first=rw.Weight((12, 12)), second=rw.Weight((12, 12))):
    """The gradient of each weight reads the other, which may not have moved yet."""
    return user @ (first * second).T @ user + (first[::-1] * second).sum()


@rw.model(target="rating", loss=rw.squared_error)
def attention(words=rw.Rows("words", 12, length=10), query=rw.Row("userId", 12), out=rw.Weight(12)):
    weights = jnp.exp(words @ query * 0.1)
    return (weights @ words) @ out / weights.sum()


@pytest.mark.parametrize("batch_size", [1, 4])
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("model", [two_layers, few_at_once, crossed, attention], ids=lambda model: model.name)
def test_weights_too_large_for_registers_are_walked_row_by_row(model, optimizer, batch_size):
    trains_as_the_reference(one_thread, model, optimizer=optimizer, batch_size=batch_size, rate=0.01, atol=5e-4)


# Adam divides by the size of the gradient: where that is all but 0, float32 knows no direction, unless eps is larger
CALM_ADAM = partial(optax.adam, eps=0.01)


@settings(max_examples=10)
@given(LINES, st.sampled_from(["sgd", "adagrad", CALM_ADAM]), st.sampled_from([1, 3]))
@example([(0, 22, 0), (0, 0, 0), (17, 3, 0), (0, 0, 0), (0, 0, 0), (0, 0, 0), (12, 0, 29)], CALM_ADAM, 1)
def test_random_programs_train_as_the_steps_say(lines, optimizer, batch_size):
    assume(support(written(lines).program(optimizer=optimizer), batch_size=batch_size) is None)  # no empty arrays
    options = {"batch_size": batch_size, "epochs": 1, "n": 6, "rate": 0.02}
    trains_as_the_reference(one_thread, written(lines), optimizer=optimizer, **options)


@pytest.mark.parametrize("name", [name for name, model in MODELS.items() if model.program(optimizer="sgd").prediction])
def test_predictions_are_those_of_xla(name):
    program = MODELS[name].program(optimizer="sgd")
    examples, parameters = random_examples(program, 9), random_parameters(MODELS[name], program)
    means = {i.value.name: 0.25 for i in program.inputs if isinstance(i, Statistic)}
    found = predict(program, parameters.tables, examples, means=means, threads=2)
    np.testing.assert_allclose(found, batch.predict(program, parameters.tables, examples, means=means), rtol=1e-4)


# Threads


def ratings(n: int, n_users: int = 400, n_items: int = 300) -> Examples:
    """Many ratings, those of low rows more often, all of them made by three factors."""
    random = np.random.default_rng(0)
    user = (random.uniform(size=n) ** 2 * (n_users - 1)).astype(np.int32) + 1
    item = (random.uniform(size=n) ** 2 * (n_items - 1)).astype(np.int32) + 1
    taste, kind = random.normal(size=(n_users, 3)), random.normal(size=(n_items, 3))
    rating = (taste[user - 1] * kind[item - 1]).sum(1).astype(np.float32)
    values = {"age": rating * 0, "place": np.zeros((n, 2), np.float32)}
    return Examples(n, {"userId": user, "itemId": item, "words": np.stack([item] * 10, 1)}, values, rating)


@pytest.mark.parametrize(
    ("model", "batch_size", "optimizer"),
    [
        (MODELS["biased"], 1, "adagrad"),  # in blocks
        (MODELS["biased"], 20_000, "adam"),  # in pieces on threads
        (two_layers, 2048, "adam"),
        (attention, 3000, "sgd"),
        (MODELS["bayesian_personalized_ranking"], 1, "sgd"),  # one after another: two examples may share any row
        (MODELS["numbers"], 1, "adagrad"),
    ],
    ids=lambda given: given.name if hasattr(given, "name") else str(given),
)
def test_any_number_of_threads_gives_the_same_bytes(model, batch_size, optimizer, monkeypatch):
    for schedule in (batch_schedule, online_schedule):
        monkeypatch.setattr(schedule, "WORTH_THREADS", 1)
    program = model.program(optimizer=optimizer)
    means, trained = {i.value.name: 3.5 for i in program.statistics}, []
    for threads in (1, 2, 4):
        parameters = random_parameters(model, program, n_rows=401)
        options = {"means": means, "batch_size": batch_size, "seed": 1, "threads": threads}
        engine = drawing(LlvmKernel, program, ratings(30_000), parameters, **options)
        losses = [engine.epoch(epoch, 0.01) for epoch in range(2)]
        trained.append((losses, {name: array.tobytes() for name, array in parameters.arrays().items()}))
    assert trained[0] == trained[1] == trained[2]
    assert trained[0][0][1] < trained[0][0][0]


def test_the_blocks_of_a_round_share_no_row():
    blocks, examples = user_item_grid.group(ratings(30_000), ("userId", "itemId"), 4, 0)
    for shift in range(4):
        of_round = np.flatnonzero(blocks.shifts() == shift)
        assert len(of_round) == 4
        for column in ("userId", "itemId"):
            parts = [set(examples.rows[column][blocks.starts[b] : blocks.starts[b + 1]]) for b in of_round]
            assert sum(map(len, parts)) == len(set().union(*parts))
    sizes = np.diff(blocks.starts)
    assert sizes.max() < 3 * sizes.min()


@pytest.mark.parametrize("writeable", [True, False])
def test_examples_are_grouped_whole_and_where_they_lie_if_they_may_be_written(writeable):
    examples = ratings(30_000)
    numbers = np.arange(30_000, dtype=np.float32)
    numbers.flags.writeable = writeable
    examples.values["number"], before = numbers, examples.take(np.arange(examples.n))
    _, grouped = user_item_grid.group(examples, ("userId", "itemId"), 4, 0)
    assert (grouped is examples) == writeable
    order = grouped.values["number"].astype(int)
    assert sorted(order) == list(range(30_000))
    np.testing.assert_array_equal(grouped.target, before.target[order])
    for column, rows in before.rows.items():
        np.testing.assert_array_equal(grouped.rows[column], rows[order])


def test_the_examples_of_a_block_are_mixed():
    examples = ratings(30_000)
    order = np.argsort(examples.rows["userId"], kind="stable")
    blocks, grouped = user_item_grid.group(examples.take(order), ("userId", "itemId"), 4, 0)
    of_block = grouped.rows["userId"][blocks.starts[5] : blocks.starts[6]].astype(float)
    places = np.arange(len(of_block))
    assert abs(np.corrcoef(of_block, places)[0, 1]) < 0.1


def test_hogwild_learns_on_all_threads():
    program, examples = MODELS["biased"].program(optimizer="sgd"), ratings(30_000)
    parameters = random_parameters(MODELS["biased"], program, n_rows=401)
    engine = LlvmKernel(program, examples, parameters, means={}, batch_size=1, seed=1, threads=2, parallel="hogwild")
    losses = [engine.epoch(epoch, 0.02) for epoch in range(4)]
    assert losses[3] < 0.8 * losses[0]


def test_hogwild_is_refused_where_examples_come_in_batches():
    program, examples = MODELS["bags"].program(optimizer="sgd"), random_examples(MODELS["bags"].program(), 5)
    with pytest.raises(BadOption, match="hogwild"):
        LlvmKernel(program, examples, random_parameters(MODELS["bags"], program), means={}, batch_size=1, seed=0,
                   threads=2, parallel="hogwild")  # fmt: skip


# What is told


@pytest.mark.parametrize(
    ("n", "batch_size", "bad"), [(50, 1, 17), (50, 8, 17), (20_000, 1, 12_345), (20_000, 10_000, 3)]
)
def test_a_loss_that_is_not_finite_hands_over_the_example(n, batch_size, bad):
    program, examples = MODELS["biased"].program(optimizer="sgd"), ratings(n)
    examples.target[bad] = np.inf
    user = examples.rows["userId"][bad]
    parameters = random_parameters(MODELS["biased"], program, n_rows=401)
    engine = LlvmKernel(program, examples, parameters, means={}, batch_size=batch_size, seed=0, threads=2)
    with pytest.raises(Diverged) as caught:
        engine.epoch(2, 0.01)
    assert str(caught.value) == (
        "the loss of an example is not finite in epoch 3\n"
        "  expected: a finite loss\n"
        "  to mend:  lower learning_rate (it was 0.01), or raise l2"
    )
    assert caught.value.example.target == [np.inf]
    assert caught.value.example.rows["userId"] == [user]


def test_what_machine_code_lacks_is_named_with_its_line():
    @rw.model(target="rating", loss=rw.squared_error)
    def rooted(user=rw.Row("userId", 3)):
        return jnp.cbrt(user).sum()

    @rw.model(target="rating", loss=rw.squared_error)
    def long(words=rw.Rows("words", 40, length=100), layer=rw.Weight(4000)):
        return words.ravel() @ layer

    assert "'cbrt' has no llvm rule (at test_llvm_kernel.py:" in support(rooted.program(), batch_size=1)
    assert "(rooted)" in support(rooted.program(), batch_size=1)
    assert "rows of 4000 numbers" in support(long.program(), batch_size=8)
    assert "dense" in support(MODELS["biased"].program(update="dense"), batch_size=8)
    assert support(matrices.program(), batch_size=1) == "a row holds 2 × 3 numbers"
    assert support(MODELS["biased"].program(), batch_size=1) is None


def test_a_chain_of_steps_may_be_longer_than_pythons_stack():
    @rw.model(target="rating", loss=rw.squared_error)
    def there_and_back(words=rw.Rows("words", 3, length=20)):
        rows = words
        for _ in range(400):
            rows = words - rows
        return rows.sum()

    trains_as_the_reference(one_thread, there_and_back, optimizer="sgd", n=3, epochs=1, rate=1e-3)


def test_the_kernel_of_a_dot_product_reads_as_before(golden):
    @rw.model(target="rating", loss=rw.squared_error)
    def dot(user=rw.Row("userId", 4), item=rw.Row("itemId", 4)):
        return user @ item

    text = ir(dot.program(optimizer="sgd")).rpartition("define internal")[0]
    golden("dot.ll", re.sub(r":\d+:\d+ .*", "", text))  # lines of this file and of Optax come and go


@pytest.mark.parametrize("batch_size", [1, 4])
def test_a_choice_by_what_the_function_holds_is_made_of_bits(batch_size):
    @rated
    def lower(user=rw.Row("userId", 4), item=rw.Row("itemId", 4)):
        odd = jnp.where(np.array([True, False, True, False]), user, item)
        return jnp.sum(jnp.tril(jnp.outer(user, item))) + jnp.sum(odd)

    trains_as_the_reference(partial(LlvmKernel, threads=1), lower, optimizer="sgd", batch_size=batch_size)


@mends("a row holds … numbers")
def test_a_row_that_is_a_matrix_is_for_xla():
    @rated
    def turned(user=rw.Row("userId", (5, 4)), item=rw.Row("itemId", 4)):
        return (user @ item).sum()

    data = {"userId": [1, 2], "itemId": [1, 2], "rating": [1.0, 2.0]}
    with pytest.raises(BadOption, match=r"(?s)a row holds 5 × 4 numbers.*use engine='xla'"):
        turned.fit(data, engine="llvm")
    assert turned.fit(data, engine="xla", epochs=1).settings["engine"].startswith("xla")
