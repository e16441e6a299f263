"""The assignments, in the order of the book: one module each, each with a `TOPIC`."""

from assignments.topics import (
    batchnorm,
    chain_rule,
    initialization,
    lstm,
    maxout,
    relu_variants,
    residual,
    sigmoid,
    training,
    zero_centering,
)

MODULES = (
    chain_rule, sigmoid, zero_centering, relu_variants, maxout,
    initialization, batchnorm, residual, lstm, training,
)  # fmt: skip
TOPICS = {m.TOPIC.name: m.TOPIC for m in MODULES}
