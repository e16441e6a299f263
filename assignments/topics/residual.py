"""Residual networks: a block with a scaled shortcut, its way back, and the sum over all paths."""

from __future__ import annotations

from assignments.topic import FINE, Essay, Question, Topic, Wrong, differences

BRANCHES = (  # f: formula, code, derivative
    (r"\max(x, 0)", "np.maximum(x, 0)", "(x > 0) * 1.0"),
    (r"\tanh x", "np.tanh(x)", "1 - np.tanh(x) ** 2"),
    (r"\ln(1 + e^x)", "np.logaddexp(0, x)", "1 / (1 + np.exp(-x))"),
    (r"\frac{x}{\sqrt{1 + x^2}}", "x / np.sqrt(1 + x * x)", "(1 + x * x) ** -1.5"),
)
SHORTCUTS = (  # a linear map of each example that is its own transpose: words, code with A for the array
    ({"ko": "$P(x) = x$", "en": "$P(x) = x$"}, "A"),
    (
        {
            "ko": "$P(x)$는 특성의 순서를 뒤집은 $x$",
            "en": "$P(x)$ is $x$ with its features in reverse order",
        },
        "A[:, ::-1]",
    ),
    (
        {
            "ko": "$P(x)$는 $x$에서 그 예제의 특성들의 평균을 뺀 것",
            "en": "$P(x)$ is $x$ minus the mean of that example's features",
        },
        "(A - A.mean(axis=1, keepdims=True))",
    ),
)
ORDERS = (  # the branch: formula, then its input to W1 and its output
    (r"f(xW_1)\,W_2", "X", "f(Z) @ W2"),
    (r"f\bigl(f(x)W_1\bigr)W_2", "f(X)", "f(Z) @ W2"),
)


def draw(rng):
    """An activation, a shortcut, pre-activation or not, and both factors."""
    return {
        "branch": rng.randrange(len(BRANCHES)), "short": rng.randrange(len(SHORTCUTS)),
        "order": rng.randrange(len(ORDERS)), "c": rng.choice([0.7, 0.8, 0.9, 1.1]),
        "s": rng.choice([0.3, 0.4, 0.5, 0.6]),
    }  # fmt: skip


def values(v):
    tex, f, df = BRANCHES[v["branch"]]
    words, short = SHORTCUTS[v["short"]]
    order, entry, branch = ORDERS[v["order"]]
    return {
        "tex": tex, "f": f, "df": df, "short_words": words,
        "short_x": short.replace("A", "X"), "short_dy": short.replace("A", "dy"),
        "order_tex": order, "entry": entry, "branch": branch,
        "through": "dE * df(X)" if v["order"] else "dE",
    }  # fmt: skip


def arrays(rng, n, d, h):
    return rng.normal(size=(n, d)), rng.normal(size=(d, h)), rng.normal(size=(h, d))


SIZES = (("ordinary", (5, 4, 3)), ("square", (4, 4, 4)), ("one", (1, 3, 6)))


def block_cases(v, rng):
    return [(kind, arrays(rng, *size)) for kind, size in SIZES]


def back_cases(v, rng):
    return [(kind, (*arrays(rng, *size), rng.normal(size=size[:2]))) for kind, size in SIZES]


def path_cases(v, rng):
    sizes = ((4, "ordinary"), (7, "ordinary"), (40, "long"))
    return [(kind, (n, float(rng.uniform(0.4, 1.6)))) for n, kind in sizes]


TOPIC = Topic(
    name="residual",
    chapters=("16-residual-networks",),
    minutes=75,
    title={"ko": "잔차 연결", "en": "Residual networks"},
    objectives={
        "ko": [
            "지름길이 있는 블록을 계산하기",
            "지름길과 가지를 지나는 기울기를 더하기",
            "깊은 신경망의 기울기를 경로의 합으로 나누기",
        ],
        "en": [
            "compute a block with a shortcut",
            "add the gradients through shortcut and branch",
            "split the gradient of a deep network into a sum over paths",
        ],
    },
    intro={
        "ko": r"""블록 하나는 $y = <<c>>\,P(x) + <<s>>\;<<order_tex>>$이고 $f(x) = <<tex>>$입니다. <<short_words>>입니다.
`X`의 모양은 (N, D), `W1`은 (D, H), `W2`는 (H, D)입니다.""",
        "en": r"""One block computes $y = <<c>>\,P(x) + <<s>>\;<<order_tex>>$ with $f(x) = <<tex>>$; <<short_words>>.
`X` has shape (N, D), `W1` (D, H), and `W2` (H, D).""",
    },
    draw=draw,
    values=values,
    given="def f(x):\n    return <<f>>\n",
    questions=(
        Question(
            "block",
            4,
            {
                "ko": "블록의 출력을 돌려주세요. `f`는 위의 셀에서 쓸 수 있습니다.",
                "en": "Return the output of the block. `f` is there for you to use.",
            },
            "block(X, W1, W2)",
            """
Z = <<entry>> @ W1
return <<c>> * <<short_x>> + <<s>> * <<branch>>
""",
            """
rng = np.random.default_rng(12)
X, W1, W2 = rng.normal(size=(5, 4)), rng.normal(size=(4, 3)), rng.normal(size=(3, 4))
y = block(X, W1, W2)
bare = np.asarray(block(X, W1, 0 * W2))
return compare(y - bare, (np.asarray(block(X, W1, 2 * W2)) - y)) or compare(np.linalg.norm(bare[:, :2] - bare[:, [3, 2]]), <<c>> * np.linalg.norm(X[:, :2] - X[:, [3, 2]]))
""",
            block_cases,
        ),
        Question(
            "back",
            6,
            {
                "ko": r"`dy`는 $\partial L/\partial y$입니다. $(\partial L/\partial X,\ \partial L/\partial W_1,\ \partial L/\partial W_2)$를 돌려주세요.",
                "en": r"`dy` is $\partial L/\partial y$. Return $(\partial L/\partial X,\ \partial L/\partial W_1,\ \partial L/\partial W_2)$.",
            },
            "back(X, W1, W2, dy)",
            """
def df(x):
    return <<df>>

E = <<entry>>
Z = E @ W1
dZ = <<s>> * (dy @ W2.T) * df(Z)
dE = dZ @ W1.T
dX = <<c>> * <<short_dy>> + <<through>>
return dX, E.T @ dZ, <<s>> * f(Z).T @ dy
""",
            """
rng = np.random.default_rng(13)
X, W1, W2 = rng.normal(size=(5, 4)), rng.normal(size=(4, 3)), rng.normal(size=(3, 4))
dy = rng.normal(size=(5, 4))
dX, dW1, dW2 = back(X, W1, W2, dy)
def loss(X, W1, W2):
    return np.sum(dy * block(X, W1, W2))
return (
    compare(dX, numeric(lambda a: loss(a, W1, W2), X))
    or compare(dW1, numeric(lambda a: loss(X, a, W2), W1))
    or compare(dW2, numeric(lambda a: loss(X, W1, a), W2))
)
""",
            back_cases,
            tolerance=FINE,
        ),
        Question(
            "paths",
            5,
            {
                "ko": r"""블록 `n`개를 이은 1차원 신경망에서 $P(x) = x$이고, 블록마다 가지의 미분계수(계수 $<<s>>$ 없이)가 언제나 `r`이라고 합시다. 기울기는 $2^n$개 경로의 합입니다.
가지를 정확히 $k$번 지나는 경로들이 보태는 몫의 합을 **전체 기울기로 나누어** $k = 0, \dots, n$ 순서로 모양 (n+1,)의 배열로 돌려주세요. `n`은 40이어도 됩니다.""",
                "en": r"""In a one-dimensional network of `n` blocks with $P(x) = x$, let the slope of every branch (before the factor <<s>>) be `r`. The gradient is a sum over $2^n$ paths.
Return the part that comes from all paths that take exactly $k$ branches, **divided by the whole gradient**, for $k = 0, \dots, n$, as an array of shape (n+1,). `n` may be as large as 40.""",
            },
            "paths(n, r)",
            """
from math import comb

parts = np.array([comb(n, k) * <<c>> ** (n - k) * (<<s>> * r) ** k for k in range(n + 1)])
return parts / parts.sum()
""",
            """
p = np.asarray(paths(6, 0.8))
q = np.asarray(paths(6, 1.6))
taken = [np.arange(n + 1) @ np.asarray(paths(n, 0.8)) / n for n in (6, 40)]
return compare(p.sum(), 1.0) or compare(q[1:] / q[:-1], 2 * p[1:] / p[:-1]) or compare(taken[1], taken[0])
""",
            path_cases,
        ),
    ),
    essay=Essay(
        5,
        {
            "ko": "이런 블록 50개를 이으면 기울기는 어떻게 됩니까? 지름길의 계수($<<c>>$)와 가지의 계수($<<s>>$)가 하는 일을 나누어 설명하고, 계수를 어떻게 고르겠는지 `paths`로 계산한 수를 들어 다섯 문장에서 열 문장으로 쓰세요.",
            "en": "What becomes of the gradient across 50 such blocks? Explain separately what the factors $<<c>>$ of the shortcut and $<<s>>$ of the branch do, and how you would choose them, with a number computed by `paths`. Five to ten sentences.",
        },
        {
            "ko": "2점: 지름길만으로도 c의 50제곱이 곱해진다고 계산한다. 2점: 가지의 계수가 경로의 길이 분포와 전체 크기를 바꾼다고 말한다. 1점: c = 1과 깊이에 맞춘 작은 s처럼 근거 있는 선택을 한다.",
            "en": "2: the shortcut alone gives c to the 50th power. 2: the branch's factor changes the lengths of paths and the total. 1: a reasoned choice, such as c = 1 and s small with depth.",
        },
    ),
    wrong=(
        Wrong("block", "<<c>> * <<short_x>> + ", ""),
        Wrong("block", "<<c>> * <<short_x>>", "<<short_x>>"),
        Wrong("block", "+ <<s>> * <<branch>>", "+ <<branch>>"),
        Wrong("block", "<<s>> * <<branch>>", "<<s>> * Z @ W2"),
        Wrong("back", "<<c>> * <<short_dy>> + <<through>>", "<<through>>"),
        Wrong("back", "<<c>> * <<short_dy>> + <<through>>", "<<c>> * <<short_dy>> * (<<through>>)"),
        Wrong("back", " * df(Z)", ""),
        Wrong("back", "dE = dZ @ W1.T", "dE = dZ @ W1.T * 0.5"),
        Wrong("back", "E.T @ dZ, <<s>> *", "E.T @ dZ,"),
        Wrong(
            "back",
            "dX = <<c>> * <<short_dy>> + <<through>>",
            """
def loss(X, W1, W2):
    return np.sum(dy * block(X, W1, W2))
"""
            + differences("X", "W1", "W2"),
        ),
        Wrong("paths", "parts / parts.sum()", "parts"),
        Wrong("paths", "comb(n, k) * ", ""),
        Wrong(
            "paths",
            "from math import comb\n",
            """
def comb(n, k):
    whole, one, other = (np.prod(np.arange(1, m + 1)) for m in (n, k, n - k))
    return whole / (one * other)
""",
            seen=True,
        ),
        Wrong("paths", "(<<s>> * r) ** k", "r**k"),
        Wrong("paths", "<<c>> ** (n - k) * ", ""),
    ),
    alternatives=(
        {
            "block": """
out = []
for n in range(len(X)):
    x = X[[n]]
    out.append((lambda X, Z: <<c>> * <<short_x>> + <<s>> * (<<branch>>))(x, (lambda X: <<entry>>)(x) @ W1)[0])
return np.stack(out)
""",
            "back": """
def df(x):
    return <<df>>

dX, dW1, dW2 = np.zeros_like(X), np.zeros_like(W1), np.zeros_like(W2)
whole, up = X, dy
for n in range(len(whole)):
    X, dy = whole[[n]], up[[n]]
    E = <<entry>>
    Z = E @ W1
    dZ = dy @ W2.T * <<s>> * df(Z)
    dE = np.einsum("nh,dh->nd", dZ, W1)
    dX[n] = (<<short_dy>> * <<c>> + <<through>>)[0]
    dW1 += np.outer(E[0], dZ[0])
    dW2 += <<s>> * np.outer(f(Z)[0], dy[0])
return dX, dW1, dW2
""",
            "paths": """
whole = np.array([1.0])
for _ in range(n):
    whole = np.convolve(whole, [<<c>>, <<s>> * r])
return whole / (<<c>> + <<s>> * r) ** n
""",
        },
        {
            "block": """
Y = np.array(<<short_x>>)
Y *= <<c>>
Z = np.einsum("nd,dh->nh", <<entry>>, W1)
Y += (<<branch>>) * <<s>>
return Y
""",
            "paths": """
logs = np.log([<<c>>, <<s>> * r])
choose = np.concatenate([[0.0], np.cumsum(np.log(np.arange(n, 0, -1)) - np.log(np.arange(1, n + 1)))])
parts = choose + logs[0] * np.arange(n, -1, -1) + logs[1] * np.arange(n + 1)
return list(np.exp(parts - parts.max()) / np.exp(parts - parts.max()).sum())
""",
        },
    ),
)
