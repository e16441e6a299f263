"""The assignments, in the order of the book: one module each, each with a `TOPIC`."""

from assignments.topics import chain_rule

TOPICS = {m.TOPIC.name: m.TOPIC for m in (chain_rule,)}
