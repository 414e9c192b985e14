"""A signature and a function in, a model out; every mistake told at once, with where it is and how to mend it."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import rowwise as rw
from camps import two_camps
from rowwise.errors import BadModel, BadOption

HERE = r"test_model\.py:\d+"


def refuses(error, *patterns):
    """A context that asks for an error whose text holds every pattern, in order."""
    return pytest.raises(error, match="(?s)" + ".*".join(patterns))


def two_rows(function):
    return rw.model(target="rating", loss=rw.squared_error)(function)


@two_rows
def dot(user=rw.Row("userId", 3), movie=rw.Row("movieId", 3), bias=rw.Row("movieId")):
    return user @ movie + bias


# What a model says of itself


def test_a_model_prints_as_its_signature_with_tables_shapes_and_numbers():
    assert str(dot) == "\n".join(
        [
            "dot(user, movie, bias) = user @ movie + bias",
            "  user         (3,)       the row of table user that userId names",
            "  movie        (3,)       the row of table movie that movieId names",
            "  bias         ()         the row of table bias that movieId names",
            "  target rating, loss squared_error",
            "  7 numbers looked up for each example, 0 dense weights",
        ]
    )


def test_every_word_says_what_it_brings():
    @rw.model(target="liked", loss=rw.binary_cross_entropy, clip=(0.1, 0.9))
    def everything(
        user=rw.Row("userId", 2, l2=0.5),
        movie=rw.Row("movieId", 2, trainable=False),
        seen=rw.Bag("seen", 2, combine="sum", table="movie"),
        last=rw.Rows("last", 2, length=3),
        other=rw.Sampled("movieId", 2, table="movie"),
        age=rw.Value("age"),
        mean=rw.Mean("liked"),
        weight=rw.Weight((2, 2)),
        head=rw.Head(jnp.tanh),
        mask=rw.Dropout(2, 0.25),
    ):
        return head(user @ (weight @ (movie + seen + last.sum(0)) * mask)) + age + mean

    text = str(everything)
    for said in (
        "the row of table user that userId names, l2 0.5",
        "the row of table movie that movieId names, frozen",
        "the sum of the rows of table movie that seen lists",
        "the rows of table last that last lists",
        "a row of table movie drawn at random from movieId",
        "the number in age",
        "the mean of liked over the training data",
        "a dense weight",
        "a module of dense weights",
        "a mask drawn for each example, 0 with probability 0.25",
        "target liked, loss binary_cross_entropy, clip (0.1, 0.9)",
        "14 numbers looked up for each example, 4 dense weights",
    ):
        assert said in text


def test_each_argument_is_a_table_named_after_it_unless_it_shares_one():
    @two_rows
    def siblings(user=rw.Row("userId", 2), mine=rw.Row("first", 2), other=rw.Row("second", 2, table="mine", l2=0.1)):
        return user @ mine - user @ other

    assert list(siblings.tables) == ["user", "mine"]
    assert siblings.tables["mine"].columns == ("first", "second")
    assert siblings.tables["mine"].l2 == 0.1
    assert siblings.vocabularies == {"userId": "userId", "first": "first", "second": "first"}
    assert siblings.recipe.vocabulary_of("mine") == "first"


def test_columns_that_meet_through_tables_share_one_vocabulary():
    @two_rows
    def chain(a=rw.Row("x", table="s"), b=rw.Row("y", table="t"), c=rw.Row("z", table="s"), d=rw.Row("z", table="t")):
        return a + b + c + d

    assert set(chain.vocabularies.values()) == {"x"}


def test_one_frozen_reader_freezes_a_shared_table():
    @two_rows
    def frozen(a=rw.Row("x", 2), b=rw.Row("y", 2, table="a", trainable=False)):
        return a @ b

    assert not frozen.tables["a"].trainable
    assert frozen.program().gradients == {}


def test_the_arrays_of_a_module_are_named_by_their_path():
    import equinox as eqx

    @two_rows
    def deep(
        user=rw.Row("userId", 2),
        head=rw.Head(eqx.nn.MLP(2, "scalar", 3, 1, key=jax.random.key(0))),
        head2=rw.Head(eqx.nn.Linear(2, 2, key=jax.random.key(1))),  # a name that begins as the other does
    ):
        return head(head2(user))

    shapes = {name: weight.shape for name, weight in deep.dense.items()}
    assert shapes == {
        "head.layers[0].weight": (3, 2),
        "head.layers[0].bias": (3,),
        "head.layers[1].weight": (1, 3),
        "head.layers[1].bias": (1,),
        "head2.weight": (2, 2),
        "head2.bias": (2,),
    }
    names = [i.value.name for i in deep.program().inputs]
    assert names == ["user", *shapes, "target"]


# replace()


def test_replace_changes_a_word_and_keeps_the_rest():
    other = dot.replace(user=rw.Row("reader", 3), target="stars", clip=(1, 5))
    assert other.words["user"].column == "reader"
    assert other.words["movie"] is dot.words["movie"]
    assert (other.target, other.loss, other.clip) == ("stars", rw.squared_error, (1.0, 5.0))
    assert dot.words["user"].column == "userId"


def test_replace_takes_away_a_clip():
    assert dot.replace(clip=(1, 5)).replace(clip=None).clip is None


def test_replace_checks_as_the_decorator_does():
    with refuses(BadModel, HERE, r"return user @ movie \+ bias", "cannot be computed", r"user is \(4,\)"):
        dot.replace(user=rw.Row("userId", 4))
    with refuses(BadOption, r"clip=\(5, 1\)", "a lower and a higher number", r"write clip=\(1, 5\)"):
        dot.replace(clip=(5, 1))
    with refuses(BadOption, "dot has no argument 'usr'", "one of user, movie, bias", "did you mean 'user'"):
        dot.replace(usr=rw.Row("userId", 3))


# Mistakes in a signature


def test_an_argument_without_a_word_is_named():
    with refuses(BadModel, f"argument 'user' of {HERE}", r"\(score\) has no default", "Row, Rows, Bag", "user=rw.Row"):

        @two_rows
        def score(user, movie=rw.Row("movieId")):
            return user * movie


def test_a_default_that_is_no_word_is_shown():
    with refuses(BadModel, "argument 'user'", "has 3", "a word that says where its numbers come from"):

        @two_rows
        def score(user=3, movie=rw.Row("movieId")):
            return user * movie


def test_a_model_without_rows_is_refused():
    with refuses(BadModel, "looks up no rows", "at least one Row, Rows or Bag"):

        @two_rows
        def score(age=rw.Value("age")):
            return age


def test_a_table_shared_with_two_widths_shows_both():
    with refuses(
        BadModel, "table 'movie' of", r"user reads rows of \(5,\), movie reads rows of \(3,\)", "the same dim"
    ):

        @two_rows
        def score(user=rw.Row("userId", 5, table="movie"), movie=rw.Row("movieId", 3)):
            return user[:3] @ movie


def test_a_table_with_the_name_of_a_weight_is_refused():
    with refuses(BadModel, "table 'w' of", "has the name of a dense weight", "table=.w_rows. is another name"):

        @two_rows
        def score(user=rw.Row("userId", 2, table="w"), w=rw.Weight(2)):
            return user @ w


def test_an_argument_named_target_is_refused():
    with refuses(BadModel, "has an argument 'target'", "rename the argument"):

        @two_rows
        def score(source=rw.Row("source"), target=rw.Row("target")):
            return source + target


def test_one_column_in_two_forms_is_refused():
    with refuses(
        BadModel, "column 'seen'", "first is a Bag, second is Rows with length=4", "one form", "copy the column"
    ):

        @two_rows
        def score(first=rw.Bag("seen", 2), second=rw.Rows("seen", 2, length=4)):
            return first.sum() + second.sum()


def test_a_model_without_parentheses_is_told_to_have_them():
    with refuses(BadModel, "@model has no parentheses", r"@rw\.model\(\)"):

        @rw.model
        def score(user=rw.Row("userId")):
            return user


def test_a_target_without_a_loss_is_refused_and_so_is_the_reverse():
    with refuses(BadModel, "target='rating' and loss=None", "a target and a loss, or neither"):
        rw.model(target="rating")(lambda user=rw.Row("userId"): user)
    with refuses(BadModel, "target=None and loss=squared_error"):
        rw.model(loss=rw.squared_error)(lambda user=rw.Row("userId"): user)


@pytest.mark.parametrize(
    ("word", "text"),
    [
        (lambda: rw.Row("userId", 0), r"Row\(dim=0\).*a whole number of 1 or more"),
        (lambda: rw.Row("userId", 2.5), r"Row\(dim=2\.5\)"),
        (lambda: rw.Row(["userId"]), r"Row\(\['userId'\]\).*the name of a column"),
        (lambda: rw.Row("userId", l2=-1), r"Row\(l2=-1\).*0 or more"),
        (lambda: rw.Row("userId", init="norml"), r"init='norml' is no initializer.*normal, uniform, zeros"),
        (lambda: rw.Rows("words", 2, length=0), r"Rows\(length=0\)"),
        (lambda: rw.Bag("words", 2, combine="maen"), r"Bag\(combine='maen'\).*mean, sum, sqrtn"),
        (lambda: rw.Value(3), r"Value\(3\).*the name of a column"),
        (lambda: rw.Weight((2, 0)), r"Weight\(shape=0\)"),
        (lambda: rw.Head(3), r"Head\(3\) cannot be called.*Equinox"),
        (lambda: rw.Dropout(2, 1.0), r"Dropout\(rate=1\.0\).*below 1"),
    ],
)
def test_a_setting_of_a_word_outside_its_range_is_refused(word, text):
    with pytest.raises(BadOption, match="(?s)" + text):
        word()


def test_a_range_upside_down_is_refused_with_the_range_the_right_way_up():
    with refuses(BadOption, r"range=\(5, 0\.5\)", r"write range=\(0\.5, 5\)"):
        rw.model(target="rating", loss=rw.squared_error, range=(5, 0.5))(lambda user=rw.Row("userId"): user)


# Mistakes in a function


def test_shapes_that_clash_are_shown_with_the_line_and_its_source():
    def score(user=rw.Row("userId", 5), movie=rw.Row("movieId", 4)):
        twice = user * 2
        return twice @ movie

    line = score.__code__.co_firstlineno + 2
    with refuses(
        BadModel,
        re.escape(f"test_model.py:{line} (score): `return twice @ movie` cannot be computed"),
        r"\(5,\) and \(4,\)",
        r"user is \(5,\): one row of 5 numbers",
        r"movie is \(4,\): one row of 4 numbers",
        r"twice is \(5,\): twice = user \* 2",
        "there is no batch axis",
    ):
        two_rows(score)


def test_a_result_that_is_not_one_number_is_shown_with_its_shape():
    with refuses(BadModel, HERE, r"\(score\) returns \(5,\)", "one number: a scalar score", "@ or jnp.sum"):

        @two_rows
        def score(user=rw.Row("userId", 5), movie=rw.Row("movieId", 5)):
            return user * movie


def test_a_class_model_returns_one_score_a_class():
    with refuses(BadModel, r"returns \(\)", r"one score a class, of shape \(classes,\)"):
        rw.model(target="kind", loss=rw.categorical_cross_entropy)(lambda user=rw.Row("userId"): user)


def test_a_result_of_three_parts_is_refused():
    with refuses(BadModel, r"returns \(\) and \(\) and \(\)"):
        rw.model()(lambda user=rw.Row("userId"): (user, user, user))


def test_a_choice_by_if_is_told_of_where():
    with refuses(BadModel, "`if user > 0:`", r"jnp\.where\(condition, a, b\) in place of if"):

        @two_rows
        def score(user=rw.Row("userId")):
            if user > 0:
                return user
            return -user


def test_numpy_in_a_function_is_told_of_jax_numpy():
    with refuses(BadModel, r"`return np\.exp\(user\)`", r"use jax\.numpy in place of numpy"):

        @two_rows
        def score(user=rw.Row("userId")):
            return np.exp(user)


def test_a_loss_of_one_argument_is_named():
    with refuses(BadModel, HERE, "the loss of dot, cannot be computed", r"a function of \(prediction, target\)"):
        dot.replace(loss=lambda prediction: prediction)


def test_a_loss_that_is_not_one_number_is_named():
    with refuses(BadModel, r"the loss of dot, returns \(3,\)", "one number"):
        dot.replace(loss=lambda prediction, target: jnp.ones(3) * (prediction - target))


def test_a_loss_by_name_is_told_how_to_write_it():
    with refuses(BadOption, "loss='squared_error'", "rw.squared_error, rw.absolute_error", r"write loss=rw\.squared"):
        dot.replace(loss="squared_error")


def test_an_optimizer_spelt_wrong_is_guessed():
    with refuses(BadOption, "optimizer='adgrad' is not in Optax", "did you mean 'adagrad'"):
        dot.program(optimizer="adgrad")


def test_an_update_that_is_neither_sparse_nor_dense_is_refused():
    with refuses(BadOption, "update='full'", "sparse, dense"):
        dot.program(update="full")


# range= and clip=


def test_range_squashes_the_score_through_a_sigmoid():
    squashed = dot.replace(range=(0.5, 5))
    inputs = {"user": jnp.ones(3), "movie": jnp.zeros(3), "bias": jnp.float32(0)}
    prediction, loss = squashed.recipe.outcome(inputs, 5.0)
    assert prediction == 2.75  # half way
    assert loss == (2.75 - 5.0) ** 2


def test_clip_cuts_the_prediction_and_leaves_the_loss_alone():
    clipped = dot.replace(clip=(1, 5))
    inputs = {"user": jnp.ones(3), "movie": jnp.ones(3) * 3, "bias": jnp.float32(0)}
    prediction, loss = clipped.recipe.outcome(inputs, 4.0)
    assert (prediction, loss) == (5.0, 25.0)


def test_a_row_may_be_a_matrix_all_the_way(tmp_path):
    @rw.model(target="stars", loss=rw.squared_error)
    def turned(user=rw.Row("user", (2, 3), l2=0.01), film=rw.Row("film", 3, l2=0.01)):
        return (user @ film).sum()

    data = two_camps(8)
    fitted = turned.fit(data, engine="als", epochs=8)
    assert fitted.parameters.tables["user"].shape == (9, 2, 3)
    again = rw.load(fitted.save(tmp_path / "model"))
    np.testing.assert_array_equal(again.predict(data), fitted.predict(data))
    assert again.predict({"user": [4], "film": [4]})[0] > 4
    assert "user         (2, 3)" in str(again)
    assert again.steps({"user": 1, "film": 2, "stars": 1.0}).prediction is not None
    assert again.sheet(tmp_path / "model.xlsx", data=data).exists()
    assert again.page(tmp_path / "model.html", data=data).exists()
    assert again.table("user").shape == (9, 7)
    assert again.similar(2, column="user")["user"][0] % 2 == 0
