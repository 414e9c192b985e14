"""A forked process answers, or says at once that it cannot: it never waits for threads that it does not have."""

import inspect
import json
import os
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path

import pytest

import rowwise as rw
from camps import two_camps
from mends import mends
from rowwise.errors import Forked
from rowwise.forks import LOST, not_in_a_fork

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")

PAIR = {"user": [1], "film": [2]}
TEXTS, LABELS = ["a good film", "a bad film"] * 20, ["good", "bad"] * 20
PATIENCE = 30  # seconds, after which a child that waits is killed; an answer takes a hundredth of one


@rw.model(target="stars", loss=rw.squared_error)
def camps(user=rw.Row("user", 2), film=rw.Row("film", 2)):
    return user @ film


def doors(folder):
    """Everything that can be asked of Rowwise, by name; what is asked for is ready in the parent."""
    data = two_camps(6)
    options = {"epochs": 1, "progress": False}
    recommender = rw.Recommender(user="user", item="film", target="stars", factors=2, epochs=1).fit(data)
    classifier = rw.TextClassifier(epochs=1).fit(TEXTS, LABELS)
    fitted = recommender.fitted_
    fitted.save(folder / "model")
    arrays = {"user": 1, "film": 2, "stars": 3.0}
    return {
        "load": lambda: rw.load(folder / "model"),
        "read": lambda: rw.read(PAIR),
        "Vocabulary": lambda: rw.Vocabulary("film", [1, 2]),
        "splits": lambda: rw.splits.random(data, fraction=0.5, seed=0),
        "Model.fit": lambda: camps.fit(data, **options),
        "Model.program": camps.program,
        "Model.kernel": camps.kernel,
        "Model.steps": lambda: camps.steps({"user": [1.0, 1.0], "film": [1.0, 1.0], "stars": 3.0}),
        "Fitted.predict": lambda: fitted.predict(PAIR),
        "Fitted.evaluate": lambda: fitted.evaluate(data),
        "Fitted.recommend": lambda: fitted.recommend(1, 2),
        "Fitted.similar": lambda: fitted.similar(1, 2),
        "Fitted.encode": lambda: classifier.fitted_.encode("good"),
        "Fitted.table": lambda: fitted.table("user"),
        "Fitted.steps": lambda: fitted.steps(arrays),
        "Fitted.play": lambda: fitted.play(folder / "page.html"),
        "Fitted.sheet": lambda: fitted.sheet(folder / "model.xlsx"),
        "Fitted.page": lambda: fitted.page(folder / "open.html"),
        "Fitted.export": lambda: fitted.export(folder / "model.wasm"),
        "Fitted.save": lambda: fitted.save(folder / "again"),
        "Fitted.fit": lambda: fitted.fit(data, **options),
        "Fitted.fold_in": lambda: fitted.fold_in(data),
        "Fitted.update": lambda: fitted.update(data),
        "Fitted.plot_history": fitted.plot_history,
        "Fitted.plot_texts": classifier.fitted_.plot_texts,
        "Recommender.fit": lambda: rw.Recommender(factors=2, epochs=1).fit(data),
        "Recommender.opened": lambda: recommender.opened(data),
        "Recommender.partial_fit": lambda: recommender.partial_fit(data),
        "Recommender.fold_in": lambda: recommender.fold_in(data),
        "Recommender.update": lambda: recommender.update(data),
        "Recommender.predict": lambda: recommender.predict(PAIR),
        "Recommender.evaluate": lambda: recommender.evaluate(data),
        "Recommender.score": lambda: recommender.score(data),
        "Recommender.recommend": lambda: recommender.recommend(1),
        "Recommender.similar": lambda: recommender.similar(1),
        "TextClassifier.fit": lambda: rw.TextClassifier(epochs=1).fit(TEXTS, LABELS),
        "TextClassifier.partial_fit": lambda: classifier.partial_fit(TEXTS, LABELS),
        "TextClassifier.predict": lambda: classifier.predict(TEXTS),
        "TextClassifier.predict_proba": lambda: classifier.predict_proba(TEXTS),
        "TextClassifier.score": lambda: classifier.score(TEXTS, LABELS),
        "TextClassifier.report": lambda: classifier.report(TEXTS, LABELS),
        "TextClassifier.explain": lambda: classifier.explain("good"),
    }


ASKS_NOTHING = {"get_params", "set_params", "get_metadata_routing", "set_fit_request", "set_score_request"}
ASKS_NOTHING |= {"set_partial_fit_request", "replace"}


def outcome(call, seconds=PATIENCE):
    """What a forked child makes of a call: "answers", the name of its error, or "waits"."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            call()
            said = "answers"
        except BaseException as error:
            said = type(error).__name__
        os.write(write, said.encode())
        os._exit(0)
    os.close(write)
    os.set_blocking(read, False)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        done, _ = os.waitpid(child, os.WNOHANG)
        if done:
            with os.fdopen(read, "rb") as file:
                return (file.read() or b"dies").decode()
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(read)
    return "waits"


def run(code, folder):
    """What a fresh process prints last, as JSON: forks of the tests' own process would warn, rightly."""
    start = f"import sys, warnings; warnings.simplefilter('ignore'); sys.path.insert(0, {str(Path(__file__).parent)!r})"
    script = f"{start}\nfrom pathlib import Path; folder = Path({str(folder)!r})\n{code}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What a child makes of every door, in a parent that has used Polars and JAX."""
    code = "import json, test_forks as t\nprint(json.dumps({n: t.outcome(d) for n, d in t.doors(folder).items()}))"
    return run(code, tmp_path_factory.mktemp("forks"))


def test_every_door_answers_or_refuses_at_once(found):
    assert {name: what for name, what in found.items() if what not in ("answers", "Forked", "BadOption")} == {}
    assert found["Fitted.predict"] == found["load"] == "Forked"  # Polars' threads are the parent's


def test_every_method_of_the_objects_people_hold_is_among_the_doors(found):
    for kind in (rw.Recommender, rw.TextClassifier, type(camps), type(two_keys())):
        public = [n for n, m in inspect.getmembers(kind, inspect.isfunction) if not n.startswith("_")]
        assert [n for n in public if n not in ASKS_NOTHING and f"{kind.__name__}.{n}" not in found] == []


def two_keys():
    from untrained import two_keys

    return two_keys()


def test_a_child_of_a_process_that_has_only_imported_answers(found, tmp_path):
    two_keys().save(tmp_path / "model")
    code = (
        "import json, os, rowwise as rw, polars, test_forks as t\n"
        "def load(): t.served(folder)\n"
        "print(json.dumps(t.outcome(load, 120)))"
    )
    assert run(code, tmp_path) == "answers"


@mends("multiprocessing.get_context", elsewhere=True)
def test_preloading_as_gunicorn_does_is_refused_with_the_mend_and_the_mend_works(tmp_path):
    two_keys().save(tmp_path / "model")
    code = (
        "import json, multiprocessing, rowwise as rw, test_forks as t\n"
        "if __name__ == '__main__':\n"
        "    model = rw.load(folder / 'model')\n"
        "    with multiprocessing.get_context('fork').Pool(1) as pool:\n"
        "        try: pool.apply_async(t.served, (str(folder),)).get(60)\n"
        "        except rw.RowwiseError as error: said = str(error)\n"
        "    with multiprocessing.get_context('spawn').Pool(1) as pool:\n"
        "        answer = pool.apply_async(t.served, (str(folder),)).get(120)\n"
        "    print(json.dumps([said, answer]))"
    )
    said, answer = run(code, tmp_path)
    assert said.startswith("load in a process that was forked after Polars")
    assert 'to mend:  multiprocessing.get_context("spawn"); under gunicorn, load the model without --preload' in said
    assert answer == 1


def served(folder):
    """What a worker does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = rw.load(Path(folder, "model"))
        return len(model.predict({column: [1] for column in model.column_vocabulary}))


def test_the_mark_names_the_door(monkeypatch):
    monkeypatch.setattr(LOST, "names", ("Polars",))
    with pytest.raises(Forked, match=r"(?s)served in a process that was forked after Polars had.*get_context"):
        not_in_a_fork(served)("model")


def test_a_system_that_lists_no_threads_goes_by_what_was_imported(monkeypatch):
    from rowwise import forks

    monkeypatch.setattr(forks, "LISTED", "/nowhere")
    lost = forks.Lost()
    lost.look()
    assert "Polars" in lost.now
    monkeypatch.delitem(sys.modules, "polars")
    lost.look()
    assert "Polars" not in lost.now
