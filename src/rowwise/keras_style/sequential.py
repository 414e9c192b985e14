"""A model of layers one after another."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from rowwise.keras_style import session
from rowwise.keras_style.layers import Input
from rowwise.keras_style.network import Model
from rowwise.keras_style.symbol import Shape, Symbol


class Sequential(Model):
    """Layers one after another: `Sequential([Embedding(5000, 32, input_length=500), Flatten(), Dense(1)])`."""

    def __init__(self, layers: Sequence[Any] = (), name: str | None = None):
        self.name = name or session.numbered("sequential")
        self.stack: list[Any] = []
        self.inputs = []
        self._compiled = self._learner = None
        for layer in layers if isinstance(layers, list | tuple) else [layers]:
            self.add(layer)

    def add(self, layer: Any) -> None:
        """One more layer at the end. The first has to say what it reads: input_length, input_dim or input_shape."""
        self.stack.append(layer)
        self._learner = None
        self.__dict__.pop("_answer", None)
        if isinstance(layer, Symbol):
            self.inputs, self.output = [layer], layer
        elif self.inputs:
            self.output = layer(self.output)
        elif getattr(layer, "first", None) is not None:
            self._begin(layer, layer.first)
        elif isinstance(layer, Model):
            self.inputs, self.output = layer.inputs, layer.output
        # else it begins when the shape of the data is known

    def build(self, input_shape: Shape) -> None:
        """Make the weights, for data of this shape: (None, 500)."""
        if not self.inputs:
            stack, self.stack = self.stack, []
            self._begin(stack[0], tuple(n for n in input_shape[1:] if n is not None) or (1,))
            for layer in stack[1:]:
                self.add(layer)
            self.stack = stack

    def _begin(self, layer: Any, shape: Shape) -> None:
        symbol = Input(shape, name=f"{self.name}_input")
        self.inputs, self.output = [symbol], layer(symbol)

    @property
    def layers(self) -> list[Any]:
        """Its layers in the order they were given; a model among them is one."""
        return [layer for layer in self.stack if not isinstance(layer, Symbol)]

    def _columns(self, x: object) -> Any:
        if not self.inputs and isinstance(x, np.ndarray):
            self.build(x.shape)
        return super()._columns(x)
