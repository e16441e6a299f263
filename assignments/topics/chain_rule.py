"""The chain rule: one composed function, one loss with a fork, one layer with a batch."""

from __future__ import annotations

from assignments.topic import FINE, Essay, Question, Topic, Wrong, differences

INNER = (  # g, as code of x and as formula
    ("np.sin(x)", "np.cos(x)", r"\sin(x)"),
    ("np.tanh(x)", "1 - np.tanh(x) ** 2", r"\tanh(x)"),
    ("np.arctan(x)", "1 / (1 + x * x)", r"\arctan(x)"),
    ("x / np.sqrt(1 + x * x)", "(1 + x * x) ** -1.5", r"\frac{x}{\sqrt{1 + x^2}}"),
    ("np.log(x + np.sqrt(1 + x * x))", "1 / np.sqrt(1 + x * x)", r"\ln\bigl(x+\sqrt{1+x^2}\bigr)"),
)
OUTER = (  # r, the loss of a difference d
    ("0.5 * d * d", "d", r"\tfrac12 d^2"),
    ("0.25 * d ** 4", "d ** 3", r"\tfrac14 d^4"),
    ("np.log(np.cosh(d))", "np.tanh(d)", r"\ln\cosh d"),
    ("np.sqrt(1 + d * d) - 1", "d / np.sqrt(1 + d * d)", r"\sqrt{1+d^2}-1"),
)
FORK = (  # how a and x are joined: f, df/da, df/dx
    ("a * x", "x", "a", r"a\,x"),
    ("a + x * x", "1.0", "2 * x", r"a + x^2"),
    ("a * a - x", "2 * a", "-1.0", r"a^2 - x"),
    ("a * a * x", "2 * a * x", "a * a", r"a^2x"),
)


def draw(rng):
    """A function g with two constants, a loss and a fork."""
    g, r, f = (rng.randrange(len(pool)) for pool in (INNER, OUTER, FORK))
    return {
        "g": g, "r": r, "f": f,
        "k": rng.choice([0.3, 0.4, 0.6, 0.7, 1.3, 1.4, 1.6, 1.7]),
        "m": rng.choice([-0.9, -0.8, -0.6, -0.4, 0.4, 0.6, 0.8, 0.9]),
    }  # fmt: skip


def values(v):
    """The code and the formulas of what was drawn."""
    (g, dg, gtex), (r, dr, rtex) = INNER[v["g"]], OUTER[v["r"]]
    f, fa, fx, ftex = FORK[v["f"]]
    made = {"g": g, "dg": dg, "gtex": gtex, "r": r, "dr": dr, "rtex": rtex}
    made["m_tex"] = f"{v['m']:+}"
    return made | {"f": f, "fa": fa, "fx": fx, "ftex": ftex}


def inner_cases(v, rng):
    return [
        ("ordinary", (rng.normal(size=12),)),
        ("large", (rng.uniform(1e6, 9e6, 6),)),
        ("matrix", (rng.normal(size=(3, 4)),)),
        ("scalar", (float(rng.normal()),)),
    ]


def fork_cases(v, rng):
    draws = rng.normal(size=(6, 4))
    return [("ordinary", tuple(map(float, row))) for row in draws] + [
        ("zero", (0.0, *map(float, draws[0, 1:])))
    ]


def layer_cases(v, rng):
    def args(n, d, h):
        return (rng.normal(size=(n, d)), rng.normal(size=(d, h)), rng.normal(size=h)), rng.normal(
            size=n
        )

    cases = []
    for kind, shape in (("ordinary", (5, 4, 3)), ("square", (4, 4, 4)), ("one", (1, 3, 2))):
        (X, W, a), y = args(*shape)
        cases.append((kind, (X, W, a, y)))
    return cases


INNER_TEXT = {
    "ko": r"""
$g(x) = <<gtex>>$이고 $u(x) = g(<<k>>\,x) <<m_tex>>\, g(x)^2$입니다. $u$의 미분계수 $u'(x)$를 돌려주세요. `x`는 수(파이썬의 float)이거나 아무 모양의 배열이고,
결과도 같은 모양입니다. 차분이 아니라 연쇄 법칙으로 계산하세요. `g`는 위의 셀에 있으니 그대로 쓰세요.""",
    "en": r"""
Let $g(x) = <<gtex>>$ and $u(x) = g(<<k>>\,x) <<m_tex>>\, g(x)^2$. Return the derivative $u'(x)$. `x` is a number (a float of Python) or an array of
any shape, and the result has the same shape. Use the chain rule, not a difference quotient. `g` stands in a cell above, for you to use.""",
}
FORK_TEXT = {
    "ko": r"""
$x$가 두 갈래로 쓰이는 작은 계산입니다.

$$a = g(wx), \qquad z = <<ftex>>, \qquad L = r(vz - y), \qquad r(d) = <<rtex>>$$

기울기 $(\partial L/\partial x,\ \partial L/\partial w,\ \partial L/\partial v)$를 이 순서로 돌려주세요. 인수는 모두 수입니다.""",
    "en": r"""
A small computation in which $x$ is used twice:

$$a = g(wx), \qquad z = <<ftex>>, \qquad L = r(vz - y), \qquad r(d) = <<rtex>>$$

Return the gradient $(\partial L/\partial x,\ \partial L/\partial w,\ \partial L/\partial v)$, in this order. All arguments are
numbers.""",
}
LAYER_TEXT = {
    "ko": r"""
예제 $N$개를 한꺼번에 계산합니다. $Z = XW$, $H = g(Z)$, $p = Hs$, $L = \frac1N\sum_n r(p_n - y_n)$이고 $r$은 위와 같습니다.
`X`의 모양은 (N, D), `W`는 (D, H), `s`는 (H,), `y`는 (N,)입니다. $(\partial L/\partial W,\ \partial L/\partial X)$를 돌려주세요.""",
    "en": r"""
Now $N$ examples at once: $Z = XW$, $H = g(Z)$, $p = Hs$, and $L = \frac1N\sum_n r(p_n - y_n)$ with $r$ as above. `X` has shape
(N, D), `W` (D, H), `s` (H,), and `y` (N,). Return $(\partial L/\partial W,\ \partial L/\partial X)$.""",
}

TOPIC = Topic(
    name="chain-rule",
    chapters=("01-chain-rule",),
    minutes=60,
    title={"ko": "연쇄 법칙", "en": "The chain rule"},
    objectives={
        "ko": [
            "합성함수의 미분계수를 국소 미분계수의 곱으로 쓰기",
            "갈라진 길의 기울기를 더하기",
            "예제 여러 개를 한꺼번에 거슬러 가면서 모양을 맞추기",
        ],
        "en": [
            "write the derivative of a composed function as a product of local derivatives",
            "add gradients where a path forks",
            "go back through a whole batch and keep the shapes right",
        ],
    },
    intro={
        "ko": "손으로 먼저 유도하고, 그다음에 코드로 옮기세요.",
        "en": "Derive on paper first; then turn the result into code.",
    },
    draw=draw,
    values=values,
    given="def g(x):\n    return <<g>>\n",
    questions=(
        Question(
            "derivative",
            4,
            INNER_TEXT,
            "derivative(x)",
            """
def dg(x):
    return <<dg>>

return <<k>> * dg(<<k>> * x) + 2 * <<m>> * g(x) * dg(x)
""",
            """
x = np.linspace(-2, 2, 9)
def u(x):
    return g(<<k>> * x) + <<m>> * g(x) ** 2
return compare(derivative(x), (u(x + 1e-5) - u(x - 1e-5)) / 2e-5) or compare(derivative(0.5), derivative(np.array(0.5)))
""",
            inner_cases,
            tolerance=FINE,
        ),
        Question(
            "fork",
            5,
            FORK_TEXT,
            "fork(x, w, v, y)",
            """
def dg(x):
    return <<dg>>

a = g(w * x)
z = <<f>>
d = v * z - y
up = <<dr>>  # dL/d(vz)
da = up * v * (<<fa>>)
return da * dg(w * x) * w + up * v * (<<fx>>), da * dg(w * x) * x, up * z
""",
            """
def loss(p):
    x, w, v, y = p
    a = g(w * x)
    d = v * (<<f>>) - y
    return <<r>>
p = np.array([0.7, -1.2, 0.9, 0.4])
return compare(np.array(fork(*p)), numeric(loss, p)[:3])
""",
            fork_cases,
            tolerance=FINE,
        ),
        Question(
            "layer",
            6,
            LAYER_TEXT,
            "layer(X, W, s, y)",
            """
def dg(x):
    return <<dg>>

Z = X @ W
d = g(Z) @ s - y
dp = (<<dr>>) / len(y)
dZ = dp[:, None] * s * dg(Z)
return X.T @ dZ, dZ @ W.T
""",
            """
rng = np.random.default_rng(0)
X, W, s, y = rng.normal(size=(5, 3)), rng.normal(size=(3, 2)), rng.normal(size=2), rng.normal(size=5)
def loss(X, W):
    d = g(X @ W) @ s - y
    return np.mean(<<r>>)
dW, dX = layer(X, W, s, y)
return compare(dW, numeric(lambda W: loss(X, W), W)) or compare(dX, numeric(lambda X: loss(X, W), X))
""",
            layer_cases,
            tolerance=FINE,
        ),
    ),
    essay=Essay(
        5,
        {
            "ko": r"""
`fork`에서 $x$가 $a$를 거치지 않고 $z$에 직접 이르는 길을 끊었다고 합시다(그 길의 값은 그대로 두고 기울기만 0으로 봅니다). 그렇게 계산한
$\partial L/\partial x$로 경사 하강법을 하면 무엇이 잘못될 수 있는지, 부호까지 틀리는 예를 수로 하나 들어 설명하세요. 다섯 문장에서 열 문장이면 됩니다.""",
            "en": r"""
In `fork`, suppose the path on which $x$ reaches $z$ without passing $a$ is cut: its value stays, but its gradient counts as 0.
What can go wrong if gradient descent on $x$ uses that $\partial L/\partial x$? Give an example in numbers in which even its sign is wrong.
Five to ten sentences.""",
        },
        {
            "ko": "2점: 기울기는 두 길의 합이고 한 항만 남았다고 말한다. 2점: 부호가 바뀌는 수 예가 맞다(검산 가능). 1점: 손실이 커지는 방향으로 갈 수 있다고 결론짓는다.",
            "en": "2: says that the gradient is a sum over two paths of which one term is left. 2: a correct example in numbers with the wrong sign. 1: concludes that a step can increase the loss.",
        },
    ),
    wrong=(
        Wrong("derivative", "<<k>> * dg(<<k>> * x)", "dg(<<k>> * x)"),
        Wrong("derivative", "2 * <<m>> *", "<<m>> *"),
        Wrong("derivative", "return <<k>> *", "return np.ones(x.shape) * <<k>> *", seen=True),
        Wrong("derivative", " * g(x) * dg(x)", " * g(x)"),
        Wrong("derivative", "dg(<<k>> * x) +", "dg(x) +"),
        Wrong(
            "derivative",
            "def dg(x):\n    return <<dg>>\n",
            """
def u(x):
    return g(<<k>> * x) + <<m>> * g(x) ** 2
return (u(x + 1e-5) - u(x - 1e-5)) / 2e-5
""",
        ),
        Wrong("fork", " + up * v * (<<fx>>)", ""),
        Wrong("fork", "dg(w * x) * x,", "dg(w * x) * w,"),
        Wrong("fork", "up * z", "up * a"),
        Wrong("fork", "up = <<dr>>", "up = -(<<dr>>)"),
        Wrong(
            "fork",
            "def dg(x):\n    return <<dg>>\n",
            """
def loss(p):
    x, w, v, y = p
    a = g(w * x)
    d = v * (<<f>>) - y
    return <<r>>
return numeric(loss, [x, w, v, y])[:3]
""",
        ),
        Wrong("layer", " / len(y)", ""),
        Wrong("layer", " * s * dg(Z)", " * s"),
        Wrong("layer", "X.T @ dZ", "(X.T @ dZ).T"),
        Wrong("layer", "dZ @ W.T", "dZ @ W.T / len(y)"),
        Wrong(
            "layer",
            "def dg(x):\n    return <<dg>>\n",
            """
def loss(W, X):
    d = g(X @ W) @ s - y
    return np.mean(<<r>>)
"""
            + differences("W", "X"),
        ),
    ),
    alternatives=(
        {
            "derivative": """
dg = lambda t: (lambda x: <<dg>>)(t)
total = np.zeros_like(x, dtype=float)
total += 2 * <<m>> * dg(x) * g(x)
total += dg(x * <<k>>) * <<k>>
return total
""",
            "fork": """
dg = lambda t: (lambda x: <<dg>>)(t)
a = g(x * w)
d = (<<f>>) * v - y
by_z = v * (<<dr>>)
return [by_z * ((<<fa>>) * w * dg(w * x) + (<<fx>>)), by_z * x * dg(x * w) * (<<fa>>), (<<f>>) * (<<dr>>)]
""",
            "layer": """
dg = lambda t: (lambda x: <<dg>>)(t)
dW, dX = np.zeros(W.shape), np.zeros(X.shape)
for n in range(X.shape[0]):
    z = [sum(X[n, i] * W[i, j] for i in range(W.shape[0])) for j in range(W.shape[1])]
    d = sum(g(z[j]) * s[j] for j in range(len(s))) - y[n]
    for j in range(W.shape[1]):
        dz = (<<dr>>) / X.shape[0] * s[j] * dg(z[j])
        for i in range(W.shape[0]):
            dW[i, j] += X[n, i] * dz
            dX[n, i] += W[i, j] * dz
return dW, dX
""",
        },
        {
            "layer": """
X *= 1.0
Z = np.einsum("nd,dh->nh", X, W)
d = np.dot(g(Z), s)
d -= y
dH = np.outer(<<dr>>, s)
dH /= X.shape[0]
dH *= (lambda x: <<dg>>)(Z)
return np.einsum("nd,nh->dh", X, dH), np.einsum("nh,dh->nd", dH, W)
""",
        },
    ),
)
