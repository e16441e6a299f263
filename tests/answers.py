"""Answers to the exercises for `test_check`: typical slips, and right answers of another make."""

# By exercise: what is changed in the right answer, into what, and the verdict that is meant for it.
SLIPS = {
    "crossing": [
        ("(40)", "(10)", "slip halvings"),
        ("< 1", "> 1", "slip end"),
        ("return g", "return factor(g)", "slip factor"),
        ("return g\n", "return g**2\n", "squared"),
        (" in range(40)", " in iter(lambda: factor(low) == 1, True)", "slip endless"),
        ("return g", "pass", "none"),
    ],
    "half_relu": [
        ("(x >= 0)", "(x > 0)", "value"),
        (" / x.dtype.type(2)", " / 2.0 * np.ones(1)", "slip dtype"),
        (" / x.dtype.type(2)", "", "large"),
        ("(x > 0)", "(x < 0)", "value"),
        ("return", "", "none"),
        ("return (", "return -(", "sign"),
    ],
    "logit_ratio": [
        ("depth / 2", "-depth / 2", "inverse"),
        ("depth / 2", "depth", "squared"),
        ("depth / 2", "depth / 4", "root"),
        ("depth / 2", "(depth - 1) / 2", "slip one matrix less"),
        ("depth / 2", "(depth + 1) / 2", "slip one matrix more"),
        ("1 + leak**2", "1 + leak", "value"),
    ],
    "decay_weights": [
        ("if not any", "if True or any", "slip slopes"),
        ("p.grad + rate", "p.grad - rate", "sign"),
        ("p.grad + rate", "rate", "slip overwritten"),
        ("p.grad = p.grad + rate * p.data", "p.data = p.data - rate * p.data", "slip data"),
        ("rate * p.data", "2 * rate * p.data", "large"),
        ("net.parameters()", "[layer.weight for layer in net.layers]", "zero"),
    ],
    "gain_and_chi": [
        ("square**-0.5", "square**0.5", "inverse"),
        ("square**-0.5", "1 / square", "squared"),
        ("square**-0.5", "(square - moments(alpha)[0] ** 2)**-0.5", "slip variance"),
        ("steep / square", "steep", "slip no gain"),
        ("steep / square", "(steep / square) ** 0.5", "root"),
        ("square**-0.5, steep / square", "steep / square", "parts"),
    ],
    "unit_ranges": [
        ("axis=-2", "axis=(-2, -1)", "slip layer range"),
        (", keepdims=True", "", "shape"),
        (
            "np.maximum(h.max(axis=-2, keepdims=True), 1e-9)",
            "h.max(axis=-2, keepdims=True)",
            "slip dead unit",
        ),
        ("h.max", "h.mean", "slip range small"),
        ("1e-9)", "1e-9) * np.nan", "not finite"),
        ("1e-9)", "1e-9) * 2", "slip range large"),
        ("h.max(axis=-2", "h.max(axis=-1", "shape"),
        ("h.max(axis=-2", "h.max(axis=1", "shape"),
    ],
    "envelope": [
        (">= cross", "<= cross", "slip winner lost"),
        ("return keep", "return keep[::-1]", "slip order"),
        ("return keep", "return slopes[keep]", "slip no numbers"),
        ("while len", "if len", "slip idle line"),
        (
            "if keep and slopes[keep[-1]] == slopes[i]",
            "if len(keep) > 1 and slopes[keep[-1]] == slopes[i]",
            "slip idle line",
        ),
    ],
    "excess": [
        ("table.mean(axis=1)[winners]", "table.mean()", "slip all functions"),
        ("table.mean(axis=1)[winners]", "table.mean(axis=1).max()", "slip best function"),
        ("table.mean(axis=1)[winners]", "table.mean(axis=0)", "slip seed mean"),
        ("argmax", "argmin", "slip other function"),
        ("axis=1)[winners]", "axis=1)[winners] + 0.1", "slip no mean"),
    ],
    "my_zca": [
        ("np.sqrt(s**2 / len(train) + eps)", "s", "small"),
        ("np.sqrt(s**2 / len(train) + eps)", "(s**2 / len(train) + eps)", "slip eigenvalues"),
        (") @ Vt", ")", "slip not turned back"),
        ("(other - m)", "(other - other.mean(axis=0))", "slip own mean"),
        (" + eps", "", "value"),
        ("len(train)", "(len(train) - 1)", "slip unbiased"),
        ("(other - m)", "other", "value"),
    ],
    "lsuv": [
        ("axis=(-2, -1)", "axis=-2", "slip not one number"),
        ("/= s", "/= s**2", "squared"),
        ("x = x / s", "pass", "value"),
        ("layer.weight.data /= s", "pass", "slip unchanged"),
        ("axis=(-2, -1), keepdims=True", "", "several"),
    ],
    "layer_norm_backward": [
        ("axis=-2, keepdims=True)\n    return", "axis=-1, keepdims=True)\n    return", "shape"),
        ("dy.sum(axis=-2", "dy.mean(axis=-2", "batch"),
        ("dy * gamma", "dy", "value"),
        ("normalize(x, -1, eps)", "normalize(x, -2, eps)", "value"),
        ("return dx", "return -dx", "sign"),
        (
            "dx, _, _ = normalize_backward(dy * gamma, xhat, s, -1)",
            "dx = dy * gamma / s",
            "slip constants",
        ),
        ("dy.sum(axis=-2, keepdims=True)", "dy", "batch"),
        ("dy.sum(axis=-2, keepdims=True)", "dy.sum(axis=-2)", "shape"),
    ],
    "skip_init": [
        (".sum(axis=(-2, -1), keepdims=True)", ".mean(axis=(-2, -1), keepdims=True)", "small"),
        ("+=", "=", "not added"),
        ("zeros", "ones", "slip start"),
        ("return self.alpha.data * dy", "return dy", "slip no alpha"),
        ("return self.alpha.data * x", "return (1 + self.alpha.data) * x", "value"),
        ("return self.alpha.data * dy", "dy *= self.alpha.data\n        return dy", "writes"),
        (".sum(axis=(-2, -1), keepdims=True)", ".sum()", "shape"),
        (".sum(axis=(-2, -1), keepdims=True)", ".sum(axis=-2, keepdims=True)", "not summed"),
    ],
    "open_share": [
        ("np.logical_and.accumulate(positive)", "np.asarray(positive)", "slip reopened"),
        (".mean(axis=(1, 2, 3))", ".mean(axis=(0, 1, 2))", "shape"),
        (
            "np.logical_and.accumulate(positive).mean(axis=(1, 2, 3))",
            "np.cumprod(np.mean(positive, axis=(1, 2, 3)))",
            "slip independent",
        ),
        ("return ", "return 1 - ", "slip closed"),
        (".mean", ".sum", "large"),
    ],
    "power_sizes": [
        (
            "np.linalg.norm(np.linalg.matrix_power(W, k), 2)",
            "np.linalg.norm(W, 2) ** k",
            "slip bound",
        ),
        (", 2)", ")", "slip frobenius"),
        (
            "np.linalg.norm(np.linalg.matrix_power(W, k), 2)",
            "np.abs(np.linalg.eigvals(W)).max() ** k",
            "slip eigenvalue",
        ),
        ("np.linalg.matrix_power(W, k)", "W**k", "value"),
        (", 2)", ", 2) ** 2", "squared"),
    ],
    "orthogonal_rnn": [
        ('"hidden_init": orthogonal', '"hidden_init": partial(normal, std=n**-0.5)', "value"),
        ("rnn.bias.data[...] = 0", "pass", "slip bias"),
        ("generators(6, networks)", "6", "shape"),
        ('hidden_init": orthogonal', 'hidden_init": partial(orthogonal, gain=2.0)', "large"),
        ("std=n**-0.5", "std=1 / n", "squared"),
        ("return rnn", "return rnn.weight_hh.data", "slip no rnn"),
        ("generators(6, networks)", "[6] * networks", "slip same networks"),
    ],
    "safe_clip": [
        (
            "fine = np",
            "[np.copyto(p.grad, 0, where=~np.isfinite(p.grad)) for p in params]\n    fine = np",
            "slip part lost",
        ),
        ("np.where(fine, p.grad, 0)", "np.where(fine.all(), p.grad, 0)", "slip all lost"),
        ("np.where(fine, p.grad, 0)", "p.grad", "slip still lost"),
        ("(params, c))[", "(params, 2 * c))[", "squared"),
        (
            "np.isfinite(clip_grad_norm_(params, c))",
            "~np.isnan(clip_grad_norm_(params, c))",
            "slip still lost",
        ),
        ("p.grad = np.where(fine, p.grad, 0)", "p.data = np.where(fine, p.data, 0)", "slip data"),
    ],
    "softplus": [
        ("np.logaddexp(0, x)", "np.log(1 + np.exp(x))", "not finite"),
        ("-np.expm1(-y)", "y * (1 - y)", "slip sigmoid slope"),
        ("-np.expm1(-y)", "np.expm1(-y)", "sign"),
        ("-np.expm1(-y)", "np.exp(x) / (1 + np.exp(x))", "not finite"),
        ("np.logaddexp(0, x)", "np.log2(1 + 2.0**x)", "value"),
        ("np.logaddexp(0, x)", "np.logaddexp(0, -x)", "sign"),
        ("return -np", "-np", "none"),
    ],
    "log_sigmoid": [
        ("np.log1p(np.exp(-np.abs(x)))", "np.log(1 + np.exp(-np.abs(x)))", "slip digits"),
        ("np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))", "-np.log1p(np.exp(-x))", "not finite"),
        (
            "np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))",
            "np.where(x < 0, x - np.log1p(np.exp(x)), -np.log1p(np.exp(-x)))",
            "warns",
        ),
        ("return", "return -1 *", "sign"),
        ("return ", "", "none"),
        ("np.minimum(x, 0)", "min(x, 0)", "no arrays"),
        ("return ", "x = np.float32(x)\n    return ", "slip digits"),
    ],
    "scaled_sigmoid": [
        ("y * (1 - y / 4)", "y * (1 - y)", "slip sigmoid slope"),
        ("4 * sigmoid(x)", "sigmoid(4 * x)", "small"),
        ("4 * sigmoid(x)", "4 * sigmoid(4 * x)", "large"),
        ("y * (1 - y / 4)", "4 * y * (1 - y / 4)", "large"),
        ("y * (1 - y / 4)", "-y * (1 - y / 4)", "sign"),
        ("4 * sigmoid(x)", "4 / (1 + np.exp(x))", "sign"),
        ("y * (1 - y / 4)", "sigmoid(x) * (1 - sigmoid(x))", "small"),
    ],
    "make_inputs": [
        ("[1, 0.1]", "[1, 0.01]", "squared"),
        (" - z.mean(axis=-2, keepdims=True)", "", "slip mean of sets"),
        ("200, 100, 2", "100, 2", "shape"),
        ("axis=-2, keepdims=True", "axis=(0, 1)", "slip mean of sets"),
        ("rng.normal(size", "np.random.default_rng(0).normal(size", "slip rng"),
        (" + m", "", "zero"),
        (
            "rng.normal(size=(200, 100, 2))",
            "np.repeat(rng.normal(size=(1, 100, 2)), 200, axis=0)",
            "slip one set",
        ),
        ("z = ", "z = rng.normal(size=(200, 100, 1)) * [0, 0.1] + ", "value"),
    ],
    "dropout_means": [
        ("0.5, rng=rng", "0.0", "slip relu of mean"),
        ("drop.forward(h) @ weight", "drop.forward(h) / 2 @ weight", "slip not divided"),
        ("np.mean(means", "np.sum(means", "slip summed"),
        (
            "return np.mean(means, axis=0)",
            "z, _ = h @ weight, 0\n    return z.mean(), np.maximum(z, 0).mean()",
            "slip relu of mean",
        ),
        ("return np.mean(means, axis=0)", "return np.mean(means)", "parts"),
        ("axis=0", "axis=1", "parts"),
        ("drop.forward(h)", "(h * drop.forward(np.ones(h.shape[1])))", "slip one mask"),
    ],
    "decayed": [
        ("np.ones", "np.zeros", "zero"),
        ("range(steps)", "range(10)", "slip steps"),
        ("weight_decay=0.1", "weight_decay=0.01", "slip settings"),
        ("noise *", "noise**2 *", "squared"),
        ("method.step()", "pass", "slip no step"),
        ("rng.normal(size=(1, 2))", "rng.random((1, 2))", "small"),
        ("rng.normal(size=(1, 2))", "1.0", "slip same noise"),
        ("return w.data[0]", "return w.data[0, ::-1]", "value"),
        ("return w.data[0]", "return w", "no numbers"),
    ],
    "edge": [
        ("1 / gradient", "gradient", "slip inverse weights"),
        ("return w2, q", "return np.sqrt(w2), q", "slip root weights"),
        (
            "q - next_variance(activation, q, w2)",
            "next_variance(activation, q, w2) - q",
            "slip sign bias",
        ),
        (
            "q - next_variance(activation, q, w2)",
            "np.sqrt(np.abs(q - next_variance(activation, q, w2)))",
            "slip root bias",
        ),
        ("q, w2)", "q, 1.0)", "value"),
        ("return w2, q", "return q", "parts"),
    ],
    "seeds_needed": [
        ("1.96**2", "1.645**2", "slip one-sided"),
        ("1.96**2", "2.2414**2", "slip two-sided"),
        (" + q * (1 - q)", "", "slip one variance"),
        ("(p - q) ** 2", "(p - q)", "value"),
        ("1.96**2", "1.96", "small"),
        ("return", "return 2 *", "large"),
        ("(p - q) ** 2", "(p - q) ** 2 - 1", "value"),
    ],
}

# Right answers that look nothing like the one in the chapter.
OTHERS = {
    "softplus": """
class Softplus(Activation):
    def f(self, x):
        return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))

    def df(self, x, y):
        e = np.exp(-np.abs(x))
        return np.where(x > 0, 1, e) / (1 + e)
""",
    "log_sigmoid": """
def log_sigmoid(x):
    small = [-math.log1p(math.exp(-abs(v))) for v in np.ravel(x)]
    return np.reshape(small, np.shape(x)) - np.maximum(-x, 0)
""",
    "scaled_sigmoid": """
class ScaledSigmoid(Activation):
    def f(self, x):
        return 2 + 2 * np.tanh(x / 2)

    def df(self, x, y):
        return 1 / np.cosh(np.clip(x, -600, 600) / 2) ** 2
""",
    "make_inputs": """
def make_inputs(m, rng):
    sets = []
    for _ in range(200):
        z = rng.multivariate_normal([0, 0], [[1, 0], [0, 0.01]], size=100)
        sets.append(z - z.mean(axis=0) + m)
    return np.array(sets)
""",
    "crossing": """
def crossing(factor, low, high):
    while high - low > 1e-12:
        middle = (low + high) / 2
        if (factor(low) - 1) * (factor(middle) - 1) < 0:
            high = middle
        else:
            low = middle
    return np.array([low])
""",
    "half_relu": """
class HalfReLU(ReLU):
    def df(self, x, y):
        slopes = (x > 0).astype(x.dtype)
        slopes[x == 0] = 0.5
        return slopes
""",
    "logit_ratio": """
def logit_ratio(leak, depth):
    ratio = 1.0
    for _ in range(depth):
        ratio *= math.sqrt(2) / math.sqrt(2 / (1 + leak**2))
    return ratio
""",
    "decay_weights": """
def decay_weights(net, rate):
    for layer in net.layers[::2]:
        layer.weight.grad += rate * layer.weight.data
        layer.bias.grad += rate * layer.bias.data
""",
    "gain_and_chi": """
def gain_and_chi(alpha):
    z = np.linspace(-9, 9, 20001)
    w = np.exp(-z * z / 2)
    f = np.where(z > 0, z, alpha * np.expm1(z))
    square = (w * f * f).sum() / w.sum()
    slopes = np.where(z > 0, 1, alpha * np.exp(z))
    return [1 / math.sqrt(square), (w * slopes**2).sum() / w.sum() / square]
""",
    "unit_ranges": """
def unit_ranges(h):
    top = np.sort(h, axis=-2)[..., -1:, :]
    return np.where(top == 0, 1.0, top)
""",
    "envelope": """
def envelope(slopes, biases):
    best, x = [], -1e9
    while True:
        i = max(range(len(slopes)), key=lambda k: (slopes[k] * x + biases[k], slopes[k]))
        best.append(i)
        steeper = [k for k in range(len(slopes)) if slopes[k] > slopes[i]]
        if not steeper:
            return np.array(best)
        x = min((biases[i] - biases[k]) / (slopes[k] - slopes[i]) for k in steeper) + 1e-9
""",
    "excess": """
def excess(table):
    out = []
    for column in table.T:
        winner = list(column).index(max(column))
        out.append(column[winner] - sum(table[winner]) / len(table[winner]))
    return out
""",
    "my_zca": """
def my_zca(train, other, eps=1e-5):
    values, vectors = np.linalg.eigh(np.cov(train.T, bias=True))
    return (other - train.mean(0)) @ vectors @ np.diag((values + eps) ** -0.5) @ vectors.T
""",
    "lsuv": """
def lsuv(net, x):
    for i, layer in enumerate(net.layers):
        if type(layer).__name__ == "Linear":
            net.forward(x)
            for j in np.ndindex(layer.weight.data.shape[:-2]):
                layer.weight.data[j] /= net.signals[i + 1][j].std()
""",
    "layer_norm_backward": """
def layer_norm_backward(dy, x, gamma, eps=1e-5):
    dx = np.zeros_like(x)
    for k in range(len(x)):
        s = math.sqrt(x[k].var() + eps)
        h, d = (x[k] - x[k].mean()) / s, dy[k] * gamma[0]
        jacobian = (np.eye(len(h)) - 1 / len(h) - np.outer(h, h) / len(h)) / s
        dx[k] = jacobian @ d
    h = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + eps)
    return dx, np.einsum("nd,nd->d", dy, h)[None], np.ones((1, len(x))) @ dy
""",
    "skip_init": """
from lib.layers import Parameter


class Scale(Layer):
    def __init__(self):
        self.strength = Parameter([[0.0]])

    def forward(self, x):
        self.kept = x.copy()
        return x * self.strength.data.item()

    def backward(self, dy):
        self.strength.grad = self.strength.grad + np.array([[np.vdot(dy, self.kept)]])
        return dy * self.strength.data.item()
""",
    "open_share": """
def open_share(positive):
    still, shares = True, []
    for block in positive:
        still = still & block
        shares.append(still.mean())
    return shares
""",
    "power_sizes": """
def power_sizes(W, powers):
    sizes = []
    for k in powers:
        P = np.eye(len(W))
        for _ in range(k):
            P = W @ P
        sizes.append(math.sqrt(np.linalg.eigvalsh(P @ P.T)[-1]))
    return sizes
""",
    "orthogonal_rnn": """
def orthogonal_rnn(n, networks):
    rng = np.random.default_rng(5)
    rnn = RNN(n, n, rng=generators(6, networks))
    rnn.weight_ih.data = rng.normal(size=(networks, n, n)) / math.sqrt(n)
    rnn.weight_hh.data = np.linalg.qr(rng.normal(size=(networks, n, n)))[0]
    rnn.bias.data = np.zeros((networks, 1, n))
    return rnn
""",
    "safe_clip": """
def safe_clip(params, c):
    params = list(params)
    for j in range(len(params[0].grad)):
        norm = math.sqrt(sum((p.grad[j] ** 2).sum() for p in params))
        factor = min(1, c / norm) if math.isfinite(norm) else None
        for p in params:
            p.grad[j] = 0 if factor is None else factor * p.grad[j]
""",
    "dropout_means": """
def dropout_means(h, weight, masks, rng):
    total = positive = 0
    for _ in range(masks):
        z = (h * rng.integers(0, 2, size=h.shape) * 2) @ weight
        total, positive = total + z.mean(), positive + z.clip(0).mean()
    return total / masks, positive / masks
""",
    "decayed": """
def decayed(optimiser, noise, steps, rng):
    w = [Parameter([[1.0]]), Parameter([[1.0]])]
    method = optimiser(w, weight_decay=0.1)
    for g in rng.normal(0, noise, size=(steps, 2)):
        for p, one in zip(w, g):
            p.grad = np.array([[one]])
        method.step()
    return [p.data.item() for p in w]
""",
    "edge": """
def edge(activation, q):
    found = []
    for one in q:
        w2 = 1 / expect(lambda z: activation.df(z, activation.f(z)) ** 2, one)
        found.append((w2, one - w2 * expect(lambda z: activation.f(z) ** 2, one)))
    return np.transpose(found)
""",
    "seeds_needed": """
def seeds_needed(p, q):
    spread = math.sqrt(p * (1 - p) + q * (1 - q))
    return math.ceil((1.959964 * spread / (p - q)) ** 2)
""",
}
