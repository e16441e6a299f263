"""The ten-layer XOR network of the sources in TensorFlow 1 style, from given weights.

Written anew after the script of the second source: the same graph of placeholders and variables,
the same cost by hand, plain gradient descent, and `sess.run([train, cost, accuracy])` 20,001 times.
Changed: layers in a loop instead of line by line; weights are read from a file and not drawn, so
that `lib` can start from the same; one thread; and what the script imports without need
(matplotlib, pandas, tensorflow_datasets) is left out, which only makes it start faster.
It runs in an environment of its own, without `lib`: `benchmarks.headline` makes it and starts it.

    python xor_tensorflow.py weights.npz NUMBER STEPS
"""

import json
import sys
from time import perf_counter

import numpy as np
import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()


def main(path: str, number: int, steps: int):
    """Train network `number` of the file and print its loss by step and the seconds of the loop."""
    x_data = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32)
    y_data = np.array([[0], [1], [1], [0]], dtype=np.float32)
    x = tf.placeholder(tf.float32, shape=[None, 2])
    y = tf.placeholder(tf.float32, shape=[None, 1])
    with np.load(path) as stored:
        arrays = [stored[name][number] for name in stored.files]  # weight, bias, weight, ...
    hidden = x
    for k in range(0, len(arrays), 2):
        weight, bias = tf.Variable(arrays[k]), tf.Variable(arrays[k + 1][0])
        z = tf.matmul(hidden, weight) + bias
        hidden = tf.math.tanh(z) if k < len(arrays) - 2 else tf.sigmoid(z)
    cost = -tf.reduce_mean(y * tf.log(hidden) + (1 - y) * tf.log(1 - hidden))
    train = tf.train.GradientDescentOptimizer(learning_rate=0.01).minimize(cost)
    predicted = tf.cast(hidden > 0.5, dtype=tf.float32)
    accuracy = tf.reduce_mean(tf.cast(tf.equal(predicted, y), dtype=tf.float32))
    one_thread = tf.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1)
    losses = []
    with tf.Session(config=one_thread) as sess:
        sess.run(tf.global_variables_initializer())
        start = perf_counter()
        for step in range(steps):
            _, cost_val, _ = sess.run([train, cost, accuracy], feed_dict={x: x_data, y: y_data})
            if step % 100 == 0:
                losses.append(float(cost_val))
        seconds = perf_counter() - start
    print(json.dumps({"seconds": seconds, "losses": [losses], "version": tf.__version__}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
