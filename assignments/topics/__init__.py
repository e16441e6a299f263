"""The assignments, in the order of the book: one module each, each with a `TOPIC`."""

from assignments.topics import (
    batchnorm,
    chain_rule,
    initialisation,
    maxout,
    relu_variants,
    sigmoid,
    zero_centering,
)

MODULES = (chain_rule, sigmoid, zero_centering, relu_variants, maxout, initialisation, batchnorm)
TOPICS = {m.TOPIC.name: m.TOPIC for m in MODULES}
