"""Layers: y = forward(x) keeps what the way back needs; dx = backward(dy) goes back.

Every layer is one box of the chain rule. Going forward it turns x into y; going backward it is
handed dL/dy, the gradient of the loss in its output, and answers with dL/dx. There is no tape and
no graph behind the scenes: the product "upstream gradient times local slope" stands in each
`backward`, to be read. The classes come in order of increasing complexity. Chapter 01 derives them.

Shapes: the last axis holds features, the axis before it examples, and anything before those two
holds *experiments*: networks with other seeds, gains or learning rates that live side by side and
never mix: x (N, D) is one network's batch, (S, N, D) the batches of S networks, by broadcasting.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from lib.init import xavier_normal, zeros
from lib.seeds import Rng, as_generators, check_widths, refuse_x
from lib.sums import over_examples, product


class Parameter:
    """An array that is learned, and the gradient of the loss in it.

    `data` (..., rows, columns) is a copy of the array given; `grad` has its shape once a backward
    pass has added to it, and is 0.0 before. Raises ValueError for fewer than two axes or no floats.
    """

    def __init__(self, data: ArrayLike):
        self.data = np.array(data)
        if self.data.ndim < 2 or self.data.dtype.kind != "f":
            raise ValueError(
                f"Parameter: expected an array of floats with two trailing axes (rows, columns), "
                f"given {self.data.dtype} of shape {self.data.shape}"
            )
        self.grad = 0.0

    def zero_grad(self) -> None:
        """Forget the gradient. The next `+=` makes a fresh array."""
        self.grad = 0.0


class Layer:
    """What all layers promise.

    `forward(x)` takes x (..., N, in) to y (..., N, out) and keeps what `backward` needs.
    `backward(dy)` takes dL/dy to dL/dx, *adds* dL/dp to the `grad` of each of its parameters p,
    and never writes into `dy`. x and y are kept, not copied: write into neither before `backward`.
    `training` is True until `eval()`; only BatchNorm1d and Dropout ask for it.
    Source: Rumelhart, Hinton & Williams 1986. Derived in chapter 01.
    """

    training = True
    buffers: tuple[str, ...] = ()  # names of arrays that are kept but not learned
    trailing = 2  # the axes of x that are not experiments: examples and features

    def forward(self, x: ArrayLike) -> np.ndarray:
        raise NotImplementedError

    def backward(self, dy: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def children(self) -> dict[str, Layer]:
        """The layers that are attributes, by name; a plain list hides them, as in torch."""
        return {name: layer for name, layer in vars(self).items() if isinstance(layer, Layer)}

    def named_parameters(self) -> dict[str, Parameter]:
        """Every parameter of this layer and of those inside it, by a name such as "2.weight"."""
        own = {name: p for name, p in vars(self).items() if isinstance(p, Parameter)}
        for child, layer in self.children().items():
            own |= {f"{child}.{name}": p for name, p in layer.named_parameters().items()}
        return own

    def with_layers_inside(self) -> list[Layer]:
        """This layer, its children, their children and so on."""
        return sum((layer.with_layers_inside() for layer in self.children().values()), [self])

    def train(self, mode: bool = True) -> Layer:
        """Behave as in training, here and in all layers inside; returns the layer itself."""
        for layer in self.with_layers_inside():
            layer.training = mode
        return self

    def eval(self) -> Layer:
        """Behave as at test time, here and in all layers inside; returns the layer itself."""
        return self.train(False)

    def parameters(self) -> list[Parameter]:
        """Every parameter once, in the order in which the signal meets them."""
        return list(dict.fromkeys(self.named_parameters().values()))

    def zero_grad(self) -> None:
        """Forget the gradient of every parameter."""
        for p in self.parameters():
            p.zero_grad()


class Linear(Layer):
    """y = x W + b, for x (..., N, in), W (..., in, out), b (..., 1, out); y is (..., N, out).

    One difference from torch: `weight` is (in, out), not (out, in), so that the code reads as the
    formula does. Chapter 01 derives the three lines of `backward`:
    dL/dW = x^T dL/dy, dL/db = the sum of dL/dy over the examples, dL/dx = dL/dy W^T.

    `init` and `bias_init` are functions of `lib.init`; `rng` is a generator or a (nested) list of
    them, one per network. Without one, the numbers are drawn afresh and cannot be repeated.
    Raises ValueError for a width below 1 and for an x whose last axis is not `in_features`.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        *,
        init: Callable = xavier_normal,
        bias_init: Callable = zeros,
        rng: Rng = None,
        dtype: DTypeLike = np.float64,
    ):
        check_widths("Linear", in_features=in_features, out_features=out_features)
        self.in_features, self.out_features = in_features, out_features
        rng = as_generators(rng)  # once, so that the bias goes on where the weight stopped
        self.weight = Parameter(init((in_features, out_features), rng, dtype=dtype))
        self.bias = Parameter(bias_init((1, out_features), rng, dtype=dtype))

    def forward(self, x: ArrayLike) -> np.ndarray:
        x = np.asarray(x)
        if x.ndim < 2 or x.shape[-1] != self.in_features:
            refuse_x(f"Linear({self.in_features}, {self.out_features})", x, "N", self.in_features)
        self.x = x
        return product(x, self.weight.data) + self.bias.data  # (..., N, out)

    def backward(self, dy):
        self.weight.grad += product(self.x.mT, dy)  # (..., in, out)
        self.bias.grad += over_examples(dy)  # (..., 1, out)
        return product(dy, self.weight.data.mT)  # (..., N, in)


class Sequential(Layer):
    """Layers in a row: the output of one is the input of the next.

    After a forward pass `signals[i]` stands at the input of layer i and `signals[-1]` is the
    output; after a backward pass `gradients[i]` is dL/d(signals[i]). The gradient by depth is
    then a list comprehension: `[rms(g) for g in net.gradients]`. Chapter 03 lives on it.
    Raises ValueError for a layer that stands in it twice, at whatever depth: a layer keeps one x.
    """

    def __init__(self, *layers: Layer):
        for i, layer in enumerate(layers):
            if not isinstance(layer, Layer):
                given = f"{type(layer).__name__} at place {i}"
                raise TypeError(f"Sequential: expected layers, given {given}")
        self.layers = layers
        rows = [part.layers for part in self.with_layers_inside() if isinstance(part, Sequential)]
        if len({id(layer) for row in rows for layer in row}) < sum(map(len, rows)):
            raise ValueError("Sequential: expected each layer once, given one twice")
        self.trailing = max((layer.trailing for layer in layers), default=2)

    def children(self) -> dict[str, Layer]:
        return {str(i): layer for i, layer in enumerate(self.layers)}

    def forward(self, x: ArrayLike) -> np.ndarray:
        signals = self.signals = [x]
        for layer in self.layers:
            signals.append(layer.forward(signals[-1]))
        return signals[-1]

    def backward(self, dy: np.ndarray) -> np.ndarray:
        gradients = self.gradients = [dy]
        for layer in reversed(self.layers):
            gradients.append(layer.backward(gradients[-1]))
        gradients.reverse()
        return gradients[0]


class Residual(Layer):
    """y = x + f(x), where f is the given layers in a row; x and f(x) have the same shape.

    Going back, the gradient takes both paths, and where paths meet, gradients add:
    dx = dy + f.backward(dy). The first term arrives whatever f does to the second.
    Source: He et al. 2016, "Identity mappings", equations 3 to 5. Derived in chapter 16.
    Raises ValueError where f changes the shape.
    """

    def __init__(self, *layers: Layer):
        self.body = Sequential(*layers)
        self.trailing = self.body.trailing

    def forward(self, x: ArrayLike) -> np.ndarray:
        fx = self.body.forward(x)
        if np.shape(fx) != np.shape(x):
            raise ValueError(f"Residual: expected f(x) of shape {np.shape(x)}, given {fx.shape}")
        return x + fx

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return dy + self.body.backward(dy)
