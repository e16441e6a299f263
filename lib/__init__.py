"""The NumPy package behind the course: why gradients vanish and explode, what keeps them alive.

Read it in this order: layers, activations, init and seeds, losses, optim, train; then the other
layers, normalization, dropout, learned and recurrent, models, which puts them together, and
stacked, for hundreds of tiny networks at once; then gradcheck and probes, which ask whether all
that is right and alive. `experiments` and `study` repeat things over many seeds; `plots` and
`language` draw and name what was found. Importing the package does nothing.
"""
