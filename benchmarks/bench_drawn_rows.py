"""Does it help the naive Bayes bag to draw its rows back to the log-count ratios at which they begin?

In `naive_bayes_bag_drawn` each row is its start and what training adds: two bags of one column, the first frozen at the
ratios, the second begun at 0, where a penalty draws it. Two penalties: `l2` of the language, on what the second bag
adds to a review; and decay of the rows that a review reads, by an optimizer of our own. Judged on a tenth of the
training reviews, held back by a seed: three seeds to choose by, six others to confirm the choice. Last, the default and
the chosen penalty are trained on all training reviews and judged on the test reviews. Settings are those of
`rw.TextClassifier()`.
"""

import statistics
from functools import partial
from typing import Any

import jax.numpy as jnp
import optax
from harness import keep

import rowwise as rw
from rowwise.api.zoo_text import NGRAMS, naive_bayes_bag, naive_bayes_bag_drawn
from rowwise.capture.optimizers import Paced
from rowwise.models.naive_bayes import LogCountRatio
from rowwise.train.history import linear_decay

CHOOSE, CONFIRM = (0, 1, 2), (3, 4, 5, 6, 7, 8)
RATE = 5.0
L2 = (1e-3, 1e-2, 3e-2, 1e-1)
DECAY = (1e-6, 1e-5, 1e-4, 1e-3)
Setting = tuple[float, float, int]  # l2, decay, epochs
TRIED = [(0, 0, 3), (0, 0, 6), *((l2, 0, 3) for l2 in L2), *((0, decay, n) for n in (3, 6) for decay in DECAY)]
TESTED = [(0, 0, 3), (1e-2, 0, 3)]
CHOSEN = [(0, 0, 3), (0, 0, 6), (1e-2, 0, 3), (1e-2, 0, 6), (0, 1e-4, 6)]


def decayed(rate: Any, decay: float) -> optax.GradientTransformation:
    """`paced_sgd`, with a share of each row that a review reads taken away, whatever its pace."""

    def init(params: Any) -> Any:
        return Paced(jnp.ones_like(params))

    def update(updates: Any, state: Any, params: Any = None) -> tuple[Any, Any]:
        return -rate * (state.pace * updates + decay * params), state

    return optax.GradientTransformation(init, update)


def main() -> None:
    runs = [run(setting, seeds) for seeds, settings in ((CHOOSE, TRIED), (CONFIRM, CHOSEN)) for setting in settings]
    keep("drawn_rows", runs + [run(setting, CHOOSE, on="test") for setting in TESTED])


def run(setting: Setting, seeds: tuple[int, ...], on: str = "held_back") -> dict[str, Any]:
    """The accuracy after the last epoch, for each seed, on a held-back tenth or on the test reviews."""
    l2, decay, epochs = setting
    reviews = rw.datasets.imdb()
    added = rw.Bag("text", combine="sqrtn", text=NGRAMS, init=LogCountRatio(0.0), l2=l2)
    model = naive_bayes_bag_drawn.replace(added=added) if l2 or decay else naive_bayes_bag
    optimizer = partial(decayed, decay=decay) if decay else "paced_sgd"
    found = []
    for seed in seeds:
        options = {"optimizer": optimizer, "epochs": epochs, "learning_rate": linear_decay(RATE, epochs), "seed": seed}
        options |= {"batch_size": 1, "progress": False, "validation": None if on == "test" else 0.1}
        fitted = model.fit(reviews.train, **options)
        if on == "test":
            found.append(float(fitted.evaluate(reviews.test).accuracy))
        else:
            found.append(float(fitted.history["validation_accuracy"][-1]))
    mean = statistics.mean(found)
    each = [round(accuracy, 4) for accuracy in found]
    print(f"{on}, l2 {l2:g}, decay {decay:g}, {epochs} epochs, seeds {seeds}: {mean:.4f} {each}")
    return {"l2": l2, "decay": decay, "epochs": epochs, "seeds": seeds, f"{on}_accuracy": found, "mean": mean}


if __name__ == "__main__":
    main()
