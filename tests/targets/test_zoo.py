"""Every model of the zoo, as it is published, in both engines: losses, tables and states as the steps say."""

from functools import partial

import pytest

from reference import trains_as_the_reference
from rowwise.models import zoo
from rowwise.models.model import Model
from rowwise.targets.llvm_kernel import LlvmKernel
from rowwise.targets.xla_batch import XlaBatch

MODELS = [model for model in vars(zoo).values() if isinstance(model, Model)]


@pytest.mark.parametrize("engine", [partial(LlvmKernel, threads=1), XlaBatch], ids=["llvm", "xla"])
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_a_model_of_the_zoo_trains_as_the_steps_say(model, engine):
    trains_as_the_reference(engine, model, optimizer="sgd", n=9, epochs=1, rate=0.01)
