"""Data and a model in, a fitted model out: what is measured, when it stops, what it keeps, and how it refuses."""

import signal

import numpy as np
import optax
import polars as pl
import pytest

import rowwise as rw
from camps import two_camps
from rowwise.api import zoo
from rowwise.errors import BadData, BadModel, BadOption, Diverged
from rowwise.train import engines

CAMPS = two_camps(10)


@rw.model(target="stars", loss=rw.squared_error)
def camps(user=rw.Row("user", 2, init=0.5), film=rw.Row("film", 2, init=0.5), mean=rw.Mean("stars")):
    return mean + user @ film


@rw.model(target="stars", loss=rw.squared_error)
def bias(user=rw.Row("user")):
    return user


@pytest.fixture(params=["llvm", "xla"])
def engine(request):
    return request.param


@pytest.fixture(scope="module")
def fitted():
    return camps.fit(CAMPS, validation=0.2, epochs=3, learning_rate=0.1, batch_size=16, engine="xla")


def tables(fitted):
    return {name: array.tobytes() for name, array in fitted.parameters.arrays().items()}


def interrupting(monkeypatch, *, before_epoch, by):
    """Engines that are interrupted when an epoch begins."""
    real = engines.make

    class Interrupted:
        def __init__(self, engine):
            self.engine = engine

        def epoch(self, epoch, rate):
            if epoch == before_epoch:
                by()
            return self.engine.epoch(epoch, rate)

    monkeypatch.setattr(engines, "make", lambda *args, **options: Interrupted(real(*args, **options)))


# What training gives


def test_the_history_has_a_row_an_epoch(fitted):
    history = fitted.history
    assert history.columns == [
        "epoch",
        "learning_rate",
        "loss",
        "seconds",
        "validation_mse",
        "validation_rmse",
        "validation_mae",
    ]
    assert history["epoch"].to_list() == [1, 2, 3]
    assert history["learning_rate"].to_list() == [0.1, 0.1, 0.1]
    np.testing.assert_allclose(history["validation_rmse"] ** 2, history["validation_mse"])
    assert history["loss"].is_sorted(descending=True)


def test_training_learns_what_anyone_can_see(engine):
    fitted = camps.fit(CAMPS, epochs=60, optimizer="sgd", learning_rate=0.05, batch_size=1, engine=engine)
    assert fitted.evaluate(CAMPS).rmse < 0.1
    unseen = pl.DataFrame({"user": range(10), "film": range(10)})
    assert (fitted.predict(unseen) > 4).all()


def test_the_settings_say_how_it_was_trained(fitted):
    settings = dict(fitted.settings)
    assert settings.pop("engine").startswith("xla: XLA, batches of 16")
    assert settings == {
        "optimizer": "adagrad",
        "learning_rate": 0.1,
        "epochs": 3,
        "batch_size": 16,
        "seed": 0,
        "update": "sparse",
    }


def test_a_schedule_gives_each_epoch_its_rate():
    fitted = bias.fit(CAMPS, epochs=4, learning_rate=rw.linear_decay(0.4, 4))
    np.testing.assert_allclose(fitted.history["learning_rate"], [0.4, 0.3, 0.2, 0.1])
    np.testing.assert_allclose(fitted.settings["learning_rate"], [0.4, 0.3, 0.2, 0.1])


def test_a_schedule_of_optax_is_a_schedule():
    fitted = bias.fit(CAMPS, epochs=2, learning_rate=optax.cosine_decay_schedule(0.4, 2))
    np.testing.assert_allclose(fitted.history["learning_rate"], [0.4, 0.2])


def test_a_mean_is_that_of_the_training_data(fitted):
    # a share is held back: the mean is of the others
    kept = rw.splits.random(CAMPS, fraction=0.2, seed=0).train
    assert fitted.means == {"mean": pytest.approx(kept["stars"].mean())}


def test_the_report_says_what_was_read_and_held_back(fitted):
    assert "80 examples from the frame: 10 different user, 10 different film" in fitted.report
    assert "16 examples held back for validation" in fitted.report


def test_validation_data_may_be_a_frame():
    train, test = rw.splits.random(CAMPS, fraction=0.2, seed=0)
    by_frame = camps.fit(train, validation=test, epochs=2)
    by_share = camps.fit(CAMPS, validation=0.2, epochs=2)
    assert by_frame.history["validation_mse"].to_list() == by_share.history["validation_mse"].to_list()
    assert by_frame.evaluate(test).mse == pytest.approx(by_frame.history["validation_mse"][-1])


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(engine):
    first, again, other = (tables(camps.fit(CAMPS, epochs=2, batch_size=8, engine=engine, seed=s)) for s in (5, 5, 6))
    assert first == again != other


def test_each_table_starts_as_it_would_without_the_others():
    one = bias.fit(CAMPS, epochs=1, optimizer="sgd", learning_rate=0.0)
    other = camps.replace(user=rw.Row("user", 2, init="normal")).fit(
        CAMPS, epochs=1, optimizer="sgd", learning_rate=0.0, seed=0
    )
    again = camps.replace(user=rw.Row("user", 2, init="normal"), film=rw.Row("film", 2, init="zeros")).fit(
        CAMPS, epochs=1, optimizer="sgd", learning_rate=0.0, seed=0
    )
    assert not one.parameters.tables["user"].any()
    np.testing.assert_array_equal(other.parameters.tables["user"], again.parameters.tables["user"])


# Rare and unknown ids


def test_an_unknown_row_that_nobody_trained_is_the_mean_of_the_others(engine):
    fitted = bias.fit(CAMPS, epochs=3, engine=engine)
    rows = fitted.parameters.tables["user"]
    assert rows[0] == pytest.approx(rows[1:].mean())


def test_the_unknown_row_of_a_shared_table_is_the_mean_of_all_its_readers_rows():
    @rw.model(target="result", loss=rw.squared_error)
    def duel(home=rw.Row("home", init="ones"), away=rw.Row("away", table="home")):
        return home - away

    games = pl.DataFrame({"home": ["a", "b"], "away": ["c", "c"], "result": [3.0, 0.0]})
    fitted = duel.fit(games, epochs=5)
    rows = fitted.parameters.tables["home"]
    assert len(rows) == 4
    assert rows[0] == pytest.approx(rows[1:].mean())


def test_rare_ids_share_the_unknown_row_and_train_it():
    frame = pl.DataFrame({"user": ["often"] * 4 + ["rare", "seldom"], "stars": [1.0, 1, 1, 1, 5, 5]})
    fitted = bias.fit(frame, epochs=200, optimizer="sgd", learning_rate=0.3, min_count=2)
    assert fitted.vocabularies["user"].ids.to_list() == [None, "often"]
    np.testing.assert_allclose(fitted.parameters.tables["user"], [5, 1], atol=1e-3)
    assert "the user of 2 examples has no row of its own" in fitted.report


# Lists, texts, and losses of one's own


def test_a_bag_of_a_list_learns_what_each_id_is_worth(engine):
    @rw.model(target="total", loss=rw.squared_error)
    def basket(items=rw.Bag("items", combine="sum")):
        return items

    data = {"items": [["ham"], ["egg"], ["ham", "egg"], ["egg", "egg", "ham"]], "total": [3.0, 1.0, 4.0, 5.0]}
    fitted = basket.fit(data, epochs=300, optimizer="sgd", learning_rate=0.1, batch_size=4, engine=engine)
    worth = dict(fitted.table("items").rows())
    assert worth["ham"] == pytest.approx(3, abs=0.01)
    assert worth["egg"] == pytest.approx(1, abs=0.01)
    np.testing.assert_allclose(fitted.predict({"items": [["ham", "ham"], []]}), [6, 0], atol=0.05)


def test_a_list_of_another_type_than_lists_is_refused():
    @rw.model(target="total", loss=rw.squared_error)
    def basket(items=rw.Bag("items")):
        return items

    with pytest.raises(BadData, match=r"(?s)'items' holds Int64.*lists of ids"):
        basket.fit({"items": [1, 2], "total": [1.0, 2.0]}, epochs=1)


def test_values_of_the_wrong_length_are_refused():
    @rw.model(target="stars", loss=rw.squared_error)
    def placed(user=rw.Row("user"), place=rw.Value("place", 2)):
        return user + place.sum()

    data = {"user": [1, 2], "stars": [1.0, 2.0]}
    with pytest.raises(BadData, match=r"(?s)'place' is .*a list of 2 numbers"):
        placed.fit(data | {"place": [[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]}, epochs=1)
    with pytest.raises(BadData, match=r"(?s)'place' is .*a list of 2 numbers"):
        placed.fit(data | {"place": [[1.0, 2.0], [1.0]]}, epochs=1)
    with pytest.raises(BadData, match=r"(?s)'place' is 1\.0.*a list of 2 numbers"):
        placed.fit(data | {"place": [1.0, 2.0]}, epochs=1)
    with pytest.raises(BadData, match=r"(?s)'place' is \[1\.0, nan\].*a list of 2 numbers, each a finite number"):
        placed.fit(data | {"place": [[1.0, float("nan")], [1.0, 2.0]]}, epochs=1)


def test_a_list_where_a_number_belongs_is_refused():
    @rw.model(target="stars", loss=rw.squared_error)
    def aged(user=rw.Row("user"), age=rw.Value("age")):
        return user + age

    with pytest.raises(BadData, match=r"(?s)'age' is \[1\.0, 2\.0\].*one number"):
        aged.fit({"user": [1, 2], "stars": [1.0, 2.0], "age": [[1.0, 2.0], [3.0, 4.0]]}, epochs=1)


def test_columns_that_share_a_table_hold_one_type_of_ids():
    @rw.model(target="result", loss=rw.squared_error)
    def duel(home=rw.Row("home"), away=rw.Row("away", table="home")):
        return home - away

    with pytest.raises(BadData, match=r"(?s)share a table hold Int64 \(home\), String \(away\).*all of them into text"):
        duel.fit({"home": [1, 2], "away": ["a", "b"], "result": [1.0, 0.0]}, epochs=1)


def test_a_list_and_an_id_may_share_a_table():
    @rw.model(target="stars", loss=rw.squared_error)
    def like(film=rw.Row("film", 2), seen=rw.Bag("seen", 2, table="film")):
        return film @ seen

    seen = pl.Series([[3, 1], [2]], dtype=pl.List(pl.Int32))
    fitted = like.fit(pl.DataFrame({"film": [1, 2], "seen": seen, "stars": [1.0, 2.0]}), epochs=1)
    assert fitted.vocabularies["film"].ids.to_list() == [None, 1, 2, 3]


def test_a_model_with_its_own_loss_ranks_the_seen_above_the_unseen(engine):
    ranking = zoo.bayesian_personalized_ranking.replace(
        user=rw.Row("user", 4), item=rw.Row("film", 4), item_bias=rw.Row("film"),
        other=rw.Sampled("film", 4, table="item"), other_bias=rw.Sampled("film", table="item_bias"),
    )  # fmt: skip
    loved = CAMPS.filter(pl.col("stars") == 5).select("user", "film")
    fitted = ranking.fit(loved, epochs=80, learning_rate=0.1, batch_size=8, engine=engine)
    top = fitted.recommend(range(10), 1)
    assert (top["film"] % 2 == top["user"] % 2).all()  # of the films not seen yet, the one of the same camp


# Stopping


def test_patience_stops_and_the_best_epoch_is_restored():
    # the rate is far too high from the third epoch on: the second epoch is the best
    rates = [0.3, 0.3, 0.99, 0.99, 0.99, 0.99, 0.99, 0.99]
    options = {"optimizer": "momentum", "batch_size": 16, "seed": 1}
    train, test = rw.splits.random(CAMPS, fraction=0.3, seed=0)
    stopped = bias.fit(train, validation=test, epochs=8, learning_rate=lambda e: rates[int(e)], patience=2, **options)
    errors = stopped.history["validation_mse"]
    best = errors.arg_min()
    assert len(errors) == best + 1 + 2 < 8
    again = bias.fit(train, validation=test, epochs=best + 1, learning_rate=lambda e: rates[int(e)], **options)
    np.testing.assert_array_equal(stopped.parameters.tables["user"], again.parameters.tables["user"])


def test_without_patience_the_last_epoch_is_kept():
    options = {"validation": 0.3, "optimizer": "momentum", "batch_size": 16}
    fitted = bias.fit(CAMPS, epochs=4, learning_rate=0.99, **options)
    held_back = rw.splits.random(CAMPS, fraction=0.3, seed=0).test
    assert fitted.evaluate(held_back).mse == pytest.approx(fitted.history["validation_mse"][-1])


def test_ctrl_c_keeps_the_epochs_that_were_finished(monkeypatch):
    options = {"epochs": 2, "batch_size": 16}
    two_epochs = camps.fit(CAMPS, **options)
    interrupting(monkeypatch, before_epoch=2, by=lambda: signal.raise_signal(signal.SIGINT))
    fitted = camps.fit(CAMPS, **(options | {"epochs": 9}))
    assert tables(fitted) == tables(two_epochs)
    assert fitted.history["epoch"].to_list() == [1, 2]
    assert fitted.settings["interrupted"] == "stopped by hand after epoch 2"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_ctrl_c_inside_a_callback_of_the_collector_is_not_lost(monkeypatch):
    class Interrupts:
        def __del__(self):  # Python drops what is raised in here
            signal.raise_signal(signal.SIGINT)

    interrupting(monkeypatch, before_epoch=2, by=lambda: Interrupts() and None)
    fitted = camps.fit(CAMPS, epochs=9, batch_size=16)
    assert fitted.settings["interrupted"] == "stopped by hand after epoch 3"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_with_validation_keeps_the_best_epoch(monkeypatch):
    options = {"validation": 0.3, "optimizer": "momentum", "learning_rate": 0.99, "batch_size": 16}
    interrupting(monkeypatch, before_epoch=5, by=lambda: signal.raise_signal(signal.SIGINT))
    fitted = bias.fit(CAMPS, epochs=9, **options)
    held_back = rw.splits.random(CAMPS, fraction=0.3, seed=0).test
    assert fitted.history["validation_mse"].min() < fitted.history["validation_mse"][-1]
    assert fitted.evaluate(held_back).mse == pytest.approx(fitted.history["validation_mse"].min())


def test_ctrl_c_before_the_first_epoch_is_done_stops_everything(monkeypatch):
    interrupting(monkeypatch, before_epoch=0, by=lambda: signal.raise_signal(signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        bias.fit(CAMPS, epochs=2)


# Divergence


def test_divergence_says_what_to_do_and_holds_the_last_good_model(engine):
    def rate(epoch):
        return 0.1 if epoch < 2 else 1e30

    options = {"optimizer": "sgd", "batch_size": 8, "engine": engine}
    with pytest.raises(Diverged, match=r"(?s)epoch 3.*lower learning_rate \(it was 1e\+30\)") as caught:
        camps.fit(CAMPS, epochs=9, learning_rate=rate, **options)
    two_epochs = camps.fit(CAMPS, epochs=2, learning_rate=0.1, **options)
    assert tables(caught.value.fitted) == tables(two_epochs)
    assert caught.value.fitted.history["epoch"].to_list() == [1, 2]


def test_divergence_at_once_leaves_no_model():
    with pytest.raises(Diverged) as caught:
        camps.fit(CAMPS, epochs=2, optimizer="sgd", learning_rate=1e30, batch_size=8)
    assert caught.value.fitted is None


def test_a_last_update_that_goes_too_far_is_seen():
    # one batch an epoch: its loss is worked out before its update
    data = {"user": [1, 1], "stars": [1e10, 2e10]}
    with pytest.raises(Diverged, match=r"(?s)table 'user' holds numbers that are not finite after epoch 1.*lower"):
        bias.fit(data, epochs=1, optimizer="sgd", learning_rate=1e30, batch_size=2)


# Progress


def test_progress_is_plain_lines_where_there_is_no_terminal(capsys):
    bias.fit(CAMPS, validation=0.2, epochs=2, progress=True)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("epoch 1/2: loss ")
    for part in ("validation mse ", "validation rmse ", "examples/s", "s left"):
        assert part in lines[1]


def test_nothing_is_printed_unless_asked(capsys):
    bias.fit(CAMPS, epochs=1)
    bias.fit(CAMPS, epochs=1, progress=False)
    assert capsys.readouterr() == ("", "")


def test_progress_on_a_terminal_is_a_line_that_goes_away(monkeypatch, capsys):
    import sys

    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    bias.fit(CAMPS, epochs=2)
    bias.fit(CAMPS, epochs=1, progress=False)
    shown = capsys.readouterr().err
    assert "2/2" in shown
    assert "examples/s" in shown


# Options outside their range


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"epochs": 0}, "epochs=0.*whole number of 1 or more.*epochs=20 is usual"),
        ({"batch_size": 0}, "batch_size=0.*a whole number of 1 or more"),
        ({"engine": "fast"}, "engine='fast'.*one of auto, llvm, xla"),
        ({"update": "lazy"}, "update='lazy'.*'sparse'"),
        ({"patience": 3}, "patience=3 without validation.*add validation=0.1"),
        ({"patience": -1, "validation": 0.1}, "patience=-1.*a whole number of 0 or more"),
        ({"validation": 1.5}, "validation=1.5.*between 0 and 1"),
        ({"validation": 10}, "validation=10.*a share of the examples between 0 and 1"),
        ({"validation": True}, "validation=True.*a share of the examples"),
        ({"threads": 0}, "threads=0.*1 or more"),
        ({"learning_rate": -0.1}, "learning_rate=-0.1.*a number of 0 or more"),
        ({"learning_rate": lambda epoch: 0.1 - epoch, "epochs": 3}, "learning_rate is -0.9 in epoch 2"),
        ({"learning_rate": float("nan")}, "learning_rate=nan.*a number of 0 or more"),
        ({"optimizer": "adgrad"}, "did you mean 'adagrad'"),
        ({"engine": "llvm", "update": "dense"}, "engine='llvm' cannot run camps: update='dense'.*use engine='xla'"),
        ({"engine": "xla", "parallel": "hogwild"}, "parallel='hogwild' with XLA.*leave it out"),
    ],
    ids=lambda given: "-".join(given) if isinstance(given, dict) else "",
)
def test_an_option_outside_its_range_is_refused(options, text):
    with pytest.raises(BadOption, match=f"(?s){text}"):
        camps.fit(CAMPS, **options)


def test_a_column_that_is_not_there_is_named():
    with pytest.raises(BadData, match=r"(?s)no column 'film'"):
        camps.fit(CAMPS.drop("film"), epochs=1)


def test_validation_data_without_the_target_are_refused():
    with pytest.raises(BadData, match=r"(?s)the frame has no column 'stars'.*add the column"):
        camps.replace(mean=rw.Mean("user")).fit(CAMPS, validation=CAMPS.drop("stars"), epochs=1)


def test_validation_of_a_model_with_its_own_loss_is_refused():
    ranking = zoo.bayesian_personalized_ranking
    with pytest.raises(
        BadOption,
        match=r"(?s)validation and patience with bayesian_personalized_ranking, which returns its own",
    ):
        ranking.fit(CAMPS, validation=0.1, patience=2)


def test_a_target_that_is_no_probability_is_refused():
    liked = bias.replace(loss=rw.binary_cross_entropy)
    with pytest.raises(BadData, match=r"(?s)'stars' is .* in 40 rows.*0 or 1"):
        liked.fit(CAMPS, epochs=1)


def test_what_has_no_steps_is_refused_before_the_data_are_read():
    import jax.numpy as jnp

    @rw.model(target="stars", loss=rw.squared_error)
    def sorted_rows(user=rw.Row("user", 3)):
        return jnp.linalg.eigvalsh(jnp.outer(user, user))[0]

    with pytest.raises(BadModel, match="'eigh' at"):
        sorted_rows.fit("no/such/file.csv")
