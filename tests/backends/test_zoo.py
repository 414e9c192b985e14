"""Every model of the zoo, in both engines where both can: losses, tables and states as the steps say."""

from functools import partial

import pytest

from reference import trains_as_the_reference
from rowwise.api import zoo, zoo_text
from rowwise.api.model import Model
from rowwise.backends.llvm.kernel import LlvmKernel
from rowwise.backends.xla.batch import XlaBatch

MODELS = [model for model in vars(zoo).values() if isinstance(model, Model)]
NETS = [  # as they are published, but for their sizes
    zoo_text.dense_net(length=4, dim=3, units=2),
    zoo_text.convolution_net(length=5, dim=3, filters=2, units=2, word_dropout=0.3),
    zoo_text.multi_size_net(length=5, dim=3, filters=2, units=2, word_dropout=0.3),
    zoo_text.lstm_net(length=4, dim=3, units=2),
]


@pytest.mark.parametrize("engine", [partial(LlvmKernel, threads=1), XlaBatch], ids=["llvm", "xla"])
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_a_model_of_the_zoo_trains_as_the_steps_say(model, engine):
    trains_as_the_reference(engine, model, optimizer="sgd", n=9, epochs=1, rate=0.01)


@pytest.mark.parametrize("model", NETS, ids=lambda model: model.name)
def test_a_net_of_the_zoo_trains_as_the_steps_say(model):
    trains_as_the_reference(XlaBatch, model, optimizer="adam", n=5, epochs=1)


def test_a_convolution_trains_in_machine_code_too():
    trains_as_the_reference(partial(LlvmKernel, threads=1), NETS[1], optimizer="adam", n=5, epochs=1)
