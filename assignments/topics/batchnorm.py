"""Batch normalization: forward, all of backward, and the running statistics."""

from __future__ import annotations

import numpy as np

from assignments.topic import FINE, Essay, Question, Topic, Wrong, differences

SIDES = (  # axis of the examples, how a vector of features is laid beside X, shape of X
    (0, "", "(N, D)", {"ko": "행이 예제, 열이 특성", "en": "examples are rows, features columns"}),
    (
        1,
        "[:, None]",
        "(D, N)",
        {"ko": "**열**이 예제, **행**이 특성", "en": "examples are **columns**, features **rows**"},
    ),
)
SCALES = (  # formula, code, derivative
    (r"\gamma", "gamma", "1.0"),
    (r"(1 + \gamma)", "(1 + gamma)", "1.0"),
    (r"e^{\gamma}", "np.exp(gamma)", "np.exp(gamma)"),
)


def draw(rng):
    """A layout, a form of the scale, N or N - 1, and constants."""
    return {
        "side": rng.randrange(len(SIDES)), "scale": rng.randrange(len(SCALES)),
        "ddof": rng.randrange(2), "running_ddof": rng.randrange(2),
        "eps": rng.choice([0.02, 0.05, 0.1, 0.2]), "keep": rng.choice([0.8, 0.85, 0.9, 0.95]),
    }  # fmt: skip


def values(v):
    axis, lay, shape, words = SIDES[v["side"]]
    tex, scale, dscale = SCALES[v["scale"]]
    count = f"X.shape[{axis}]"
    less = ("N", "N - 1")
    return {
        "axis": axis, "lay": lay, "shape": shape, "side_words": words, "tex": tex,
        "factor": scale, "dfactor": dscale, "count": count + (" - 1" if v["ddof"] else ""),
        "divisor": less[v["ddof"]], "running_divisor": less[v["running_ddof"]],
    }  # fmt: skip


def batch(v, rng, n, d):
    X = rng.normal(size=(n, d)) * rng.uniform(0.3, 3, d) + rng.normal(size=d) * 2
    return (X.T.copy() if v["side"] else X), rng.normal(size=d) * 0.5, rng.normal(size=d)


SIZES = (("ordinary", (7, 4)), ("square", (5, 5)), ("ordinary", (12, 2)))


def forward_cases(v, rng):
    cases = [(kind, batch(v, rng, *size)) for kind, size in SIZES]
    X, gamma, beta = batch(v, rng, 6, 3)
    return cases + [("constant", (np.full(X.shape, 1.5), gamma, beta))]


def backward_cases(v, rng):
    cases = []
    for kind, size in SIZES:
        X, gamma, _ = batch(v, rng, *size)
        cases.append((kind, (X, gamma, rng.normal(size=X.shape))))
    return cases


def running_cases(v, rng):
    return [
        (kind, (rng.normal(size=size[1]), rng.uniform(0.2, 3, size[1]), batch(v, rng, *size)[0]))
        for kind, size in SIZES
    ]


TOPIC = Topic(
    name="batchnorm",
    chapters=("15-batch-normalization",),
    minutes=90,
    title={"ko": "배치 정규화", "en": "Batch normalization"},
    objectives={
        "ko": [
            "배치의 통계로 정규화하는 층을 쓰기",
            "평균과 분산을 거치는 길까지 모두 거슬러 가기",
            "평가할 때 쓸 이동 평균을 갱신하기",
        ],
        "en": [
            "write a layer that normalises by the statistics of the batch",
            "go back along all paths, those through mean and variance included",
            "update the running statistics used in evaluation",
        ],
    },
    intro={
        "ko": r"""이 과제에서 `X`의 모양은 `<<shape>>`입니다(<<side_words>>). 특성마다

$$\hat x = \frac{x - \mu}{\sqrt{v + \varepsilon}}, \qquad y = <<tex>>\,\hat x + \beta, \qquad \varepsilon = <<eps>>$$

이고, $\mu$는 배치의 평균, $v$는 배치의 분산입니다. 분산을 구할 때 나누는 수는 **<<divisor>>**입니다. `gamma`와 `beta`의 모양은 (D,)입니다.""",
        "en": r"""In this assignment `X` has shape `<<shape>>` (<<side_words>>). For each feature

$$\hat x = \frac{x - \mu}{\sqrt{v + \varepsilon}}, \qquad y = <<tex>>\,\hat x + \beta, \qquad \varepsilon = <<eps>>,$$

where $\mu$ is the mean of the batch and $v$ its variance **divided by <<divisor>>**. `gamma` and `beta` have shape (D,).""",
    },
    draw=draw,
    values=values,
    says={
        "root": {
            "ko": "예제가 0과 20일 때의 출력과 0과 2일 때의 출력의 비가 맞지 않습니다. 분산을 무엇으로 나누나요? ε은 제곱근 안에 있나요?",
            "en": "the outputs for two examples 0 and 20 are not in the right ratio to those for 0 and 2: what is the variance divided by, and is ε under the root?",
        },
    },
    questions=(
        Question(
            "forward",
            4,
            {
                "ko": "$y$를 `X`와 같은 모양으로 돌려주세요.",
                "en": "Return $y$, with the shape of `X`.",
            },
            "forward(X, gamma, beta)",
            """
d = X - X.mean(axis=<<axis>>, keepdims=True)
v = (d * d).sum(axis=<<axis>>, keepdims=True) / (<<count>>)
xhat = d / np.sqrt(v + <<eps>>)
return <<factor>><<lay>> * xhat + beta<<lay>>
""",
            """
X = np.random.default_rng(9).normal(size=(6, 6)) * 3
beta = np.arange(6.0)
y = forward(X, np.full(6, 0.5), beta)
if np.shape(y) != (6, 6):
    return compare(y, X)
two = np.array([0.0, 2.0]).reshape((2, 1) if <<axis>> == 0 else (1, 2))
small, big = (np.ptp(forward(a * two, np.ones(1), np.zeros(1))) for a in (1, 10))
v = 2 / (2 - <<ddof>>)
if not np.isclose(big / small, 10 * np.sqrt((v + <<eps>>) / (100 * v + <<eps>>))):
    return "<<root>>"
return compare(np.mean(y, axis=<<axis>>), beta) or compare(forward(X + 4, np.full(6, 0.5), beta), y)
""",
            forward_cases,
        ),
        Question(
            "backward",
            6,
            {
                "ko": r"`dy`는 $\partial L/\partial y$입니다. $(\partial L/\partial X,\ \partial L/\partial \gamma,\ \partial L/\partial \beta)$를 돌려주세요. $\mu$와 $v$도 `X`에서 나온다는 것을 잊지 마세요.",
                "en": r"`dy` is $\partial L/\partial y$. Return $(\partial L/\partial X,\ \partial L/\partial \gamma,\ \partial L/\partial \beta)$. Remember that $\mu$ and $v$ come from `X`, too.",
            },
            "backward(X, gamma, dy)",
            """
d = X - X.mean(axis=<<axis>>, keepdims=True)
v = (d * d).sum(axis=<<axis>>, keepdims=True) / (<<count>>)
s = np.sqrt(v + <<eps>>)
xhat = d / s
dxhat = dy * <<factor>><<lay>>
level = dxhat.mean(axis=<<axis>>, keepdims=True)
along = (dxhat * xhat).sum(axis=<<axis>>, keepdims=True) / (<<count>>)
dX = (dxhat - level - xhat * along) / s
return dX, <<dfactor>> * (dy * xhat).sum(axis=<<axis>>), dy.sum(axis=<<axis>>)
""",
            """
rng = np.random.default_rng(10)
X, gamma, beta, dy = rng.normal(size=(4, 4)), rng.normal(size=4), rng.normal(size=4), rng.normal(size=(4, 4))
dX, dgamma, dbeta = backward(X, gamma, dy)
def loss(X, gamma, beta):
    return np.sum(dy * forward(X, gamma, beta))
return (
    compare(dX, numeric(lambda a: loss(a, gamma, beta), X))
    or compare(dgamma, numeric(lambda a: loss(X, a, beta), gamma))
    or compare(dbeta, numeric(lambda a: loss(X, gamma, a), beta))
)
""",
            backward_cases,
            tolerance=FINE,
        ),
        Question(
            "running",
            5,
            {
                "ko": "평가할 때 쓸 통계입니다. 배치를 하나 볼 때마다 새 값은 옛 값의 <<keep>>배에 배치의 값을 나머지 비율만큼 더한 것입니다. 이때 배치의 분산을 구하면서 나누는 수는 **<<running_divisor>>**입니다. `mean`과 `var`(모양은 (D,))의 새 값을 돌려주세요.",
                "en": "The statistics for evaluation. With each batch the new value is `<<keep>>` times the old one plus the remaining share of the batch's own; here the variance of the batch is **divided by <<running_divisor>>**. Return the new `mean` and `var`, of shape (D,).",
            },
            "running(mean, var, X)",
            """
now = X.var(axis=<<axis>>, ddof=<<running_ddof>>)
return <<keep>> * mean + (1 - <<keep>>) * X.mean(axis=<<axis>>), <<keep>> * var + (1 - <<keep>>) * now
""",
            """
X = np.random.default_rng(11).normal(size=(5, 5))
m, v = running(np.zeros(5), np.ones(5), X)
m2, v2 = running(np.ones(5), 3 * np.ones(5), X + 7)
fixed = X.mean(axis=<<axis>>)
return compare(running(fixed, v, X)[0], fixed) or compare(np.asarray(v2) - v, np.asarray(running(m, np.full(5, 2.0), X)[1]) - running(m, np.zeros(5), X)[1])
""",
            running_cases,
        ),
    ),
    essay=Essay(
        5,
        {
            "ko": "예제 하나의 출력이 같은 배치의 다른 예제에 따라 달라집니다. 왜 그런지, 학습에 어떤 이로움과 해로움이 있는지, 평가할 때는 왜 그렇게 두면 안 되는지 다섯 문장에서 열 문장으로 쓰세요.",
            "en": "The output for one example depends on the others in its batch. Why, what good and what harm does it do in training, and why is it not acceptable in evaluation? Five to ten sentences.",
        },
        {
            "ko": "1점: 평균과 분산이 배치에서 나온다. 2점: 배치마다 다른 잡음이 규제처럼 작용하지만 작은 배치에서는 해롭다. 2점: 평가에서는 같은 입력에 같은 답이 나와야 하므로 이동 평균을 쓴다.",
            "en": "1: mean and variance come from the batch. 2: the noise regularises but harms with small batches. 2: evaluation must give the same answer to the same input, hence running statistics.",
        },
    ),
    wrong=(
        Wrong("forward", "(<<count>>)", "(<<count>> + 1)", seen=True),
        Wrong("forward", "(<<count>>)", "(X.shape[<<axis>>] - 1 + <<ddof>>)", seen=True),
        Wrong("forward", "np.sqrt(v + <<eps>>)", "(np.sqrt(v) + <<eps>>)", seen=True),
        Wrong("forward", " + beta<<lay>>", ""),
        Wrong("forward", "np.sqrt(v + <<eps>>)", "(v + <<eps>>)"),
        Wrong("forward", "X - X.mean(axis=<<axis>>, keepdims=True)", "X - X.mean()"),
        Wrong("backward", " - xhat * along", ""),
        Wrong("backward", "dxhat - level", "dxhat"),
        Wrong("backward", "(dxhat - level - xhat * along) / s", "dxhat / s"),
        Wrong("backward", "dy * <<factor>><<lay>>", "dy"),
        Wrong("backward", ", dy.sum(axis=<<axis>>)", ", dy.mean(axis=<<axis>>)"),
        Wrong(
            "backward",
            "dX = (dxhat - level - xhat * along) / s",
            """
def loss(X, gamma, beta):
    return np.sum(dy * forward(X, gamma, beta))
beta = 0 * gamma
"""
            + differences("X", "gamma", "beta"),
        ),
        Wrong(
            "running", "<<keep>> * mean + (1 - <<keep>>) *", "(1 - <<keep>>) * mean + <<keep>> *"
        ),
        Wrong("running", "ddof=<<running_ddof>>", "ddof=1 - <<running_ddof>>"),
        Wrong("running", "<<keep>> * var + (1 - <<keep>>) * now", "<<keep>> * var + now"),
    ),
    alternatives=(
        {
            "forward": """
out = np.zeros(X.shape)
for j in range(len(gamma)):
    at = [slice(None), j] if <<axis>> == 0 else [j, slice(None)]
    column = X[tuple(at)]
    n = len(column)
    v = sum((c - sum(column) / n) ** 2 for c in column) / (n - <<ddof>>)
    g = (lambda gamma: <<factor>>)(gamma[j])
    out[tuple(at)] = g * (column - column.mean()) / (v + <<eps>>) ** 0.5 + beta[j]
return out
""",
            "backward": """
n, M = X.shape[<<axis>>], <<count>>
mu = X.mean(axis=<<axis>>, keepdims=True)
inv = ((X - mu).var(axis=<<axis>>, keepdims=True, ddof=<<ddof>>) + <<eps>>) ** -0.5
dxhat = dy * <<factor>><<lay>>
dvar = (dxhat * (X - mu)).sum(axis=<<axis>>, keepdims=True) * -0.5 * inv**3
dmu = -(dxhat * inv).sum(axis=<<axis>>, keepdims=True)
dX = dxhat * inv + dvar * 2 * (X - mu) / M + dmu / n
return dX, np.sum(dy * (X - mu) * inv, axis=<<axis>>) * <<dfactor>>, np.sum(dy, axis=<<axis>>)
""",
            "running": """
n = X.shape[<<axis>>]
m = X.sum(axis=<<axis>>) / n
v = ((X**2).sum(axis=<<axis>>) - n * m**2) / (n - <<running_ddof>>)
mean += (m - mean) * (1 - <<keep>>)
var += (v - var) * (1 - <<keep>>)
return [mean, var]
""",
        },
        {
            "forward": """
Y = X if <<axis>> == 0 else X.T
Y = (Y - Y.mean(0)) / np.sqrt(Y.var(0, ddof=<<ddof>>) + <<eps>>) * <<factor>> + beta
return Y if <<axis>> == 0 else Y.T
""",
        },
    ),
)
