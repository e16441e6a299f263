"""The ReLU family: a function with three pieces, its way back, and units that are always off."""

from __future__ import annotations

import numpy as np

from assignments.topic import Essay, Question, Topic, Wrong
from assignments.words import NOT_FINITE

LEFT = (  # below 0: formula, code, derivative; `n` is min(x, 0), so that nothing overflows
    (r"a\,x", "<<a>> * n", "<<a>> + 0 * n"),
    (r"a\,(e^x-1)", "<<a>> * np.expm1(n)", "<<a>> * np.exp(n)"),
    (r"\frac{a\,x}{1-x}", "<<a>> * n / (1 - n)", "<<a>> / (1 - n) ** 2"),
    (r"a\tanh x", "<<a>> * np.tanh(n)", "<<a>> * (1 - np.tanh(n) ** 2)"),
)
OFF = (
    ("(z < 0).all(axis=0)", {"ko": "모든 예제에서 0보다 작은", "en": "below 0 for every example"}),
    (
        "(z > <<c>>).all(axis=0)",
        {"ko": "모든 예제에서 $c$보다 큰", "en": "above $c$ for every example"},
    ),
    (
        "((z < 0) | (z > <<c>>)).all(axis=0)",
        {
            "ko": "모든 예제에서 0보다 작거나 $c$보다 큰(어느 쪽인지는 예제마다 달라도 되고, 곧 모든 예제에서 $f(z) \\ne z$인)",
            "en": "below 0 or above $c$ for every example (not necessarily on the same side; that is, $f(z) \\ne z$ for all of them)",
        },
    ),
)
SIDE = (
    ("<", {"ko": "오른쪽", "en": "right"}),
    ("<=", {"ko": "왼쪽", "en": "left"}),
)


def draw(rng):
    """The three pieces, the side from which the derivative at 0 is taken, and what counts as off."""
    return {
        "left": rng.randrange(len(LEFT)), "off": rng.randrange(len(OFF)),
        "side": rng.randrange(len(SIDE)), "a": rng.choice([0.15, 0.25, 0.35, 0.45]),
        "b": rng.choice([0.1, 0.2, 0.3, 0.6]), "c": rng.choice([2.0, 2.5, 3.0, 4.0]),
    }  # fmt: skip


def values(v):
    tex, left, dleft = LEFT[v["left"]]
    a, c = str(v["a"]), str(v["c"])
    below, side = SIDE[v["side"]]
    off, words = OFF[v["off"]]
    return {
        "tex": tex, "left": left.replace("<<a>>", a), "dleft": dleft.replace("<<a>>", a),
        "below": below, "side_words": side, "off": off.replace("<<c>>", c), "off_words": words,
    }  # fmt: skip


def points(v, rng):
    return [
        ("ordinary", rng.normal(scale=2, size=14)),
        ("matrix", rng.normal(scale=3, size=(3, 5))),
        ("large", rng.choice([-1, 1], 8) * rng.uniform(1e3, 1e4, 8)),
    ]


def act_cases(v, rng):
    return [(kind, (x,)) for kind, x in points(v, rng)]


def back_cases(v, rng):
    cases = [(kind, (x, rng.normal(size=x.shape))) for kind, x in points(v, rng)]
    return cases + [("edge", (np.array([0.0, 0.0, 1.0]), rng.normal(size=3)))]


def off_cases(v, rng):
    cases = []
    for n, d, h in ((3, 4, 60), (4, 3, 80), (2, 5, 50)):
        X, W = rng.normal(size=(n, d)), rng.normal(size=(d, h))
        cases.append(("ordinary", (X, W, rng.choice([-3.0, 0.5, 2 * v["c"]], h))))
    return cases


TOPIC = Topic(
    name="relu-variants",
    chapters=("06-relu", "07-leaky-relu", "09-elu", "10-relu6"),
    minutes=60,
    title={"ko": "ReLU와 그 친척", "en": "The ReLU family"},
    objectives={
        "ko": [
            "조각으로 정의된 활성화 함수를 배열에서 안전하게 계산하기",
            "그 기울기를 거슬러 보내고 꺾인 점을 약속대로 다루기",
            "어느 예제에서도 가운데 조각에 들지 않는 유닛을 찾기",
        ],
        "en": [
            "compute an activation defined in pieces, safely, on arrays",
            "send a gradient back through it, and treat the corner as agreed",
            "find units that no example brings to the middle piece",
        ],
    },
    intro={
        "ko": r"""이 과제의 활성화 함수는 세 조각으로 되어 있고 $a = <<a>>$, $b = <<b>>$, $c = <<c>>$입니다.

$$f(x) = \begin{cases} <<tex>> & x < 0 \\ x & 0 \le x \le c \\ c + b\,(x - c) & x > c \end{cases}$$""",
        "en": r"""The activation function of this assignment has three pieces, with $a = <<a>>$, $b = <<b>>$, $c = <<c>>$:

$$f(x) = \begin{cases} <<tex>> & x < 0 \\ x & 0 \le x \le c \\ c + b\,(x - c) & x > c \end{cases}$$""",
    },
    draw=draw,
    values=values,
    says={"not_finite": NOT_FINITE},
    questions=(
        Question(
            "act",
            5,
            {
                "ko": "배열 `x`에서 $f(x)$를 돌려주세요. $|x|$가 만이어도 NaN이 나오면 안 됩니다.",
                "en": "Return $f(x)$ for an array `x`. No NaN may appear, even where $|x|$ is ten thousand.",
            },
            "act(x)",
            """
n = np.minimum(x, 0)
return np.where(x < 0, <<left>>, np.where(x > <<c>>, <<c>> + <<b>> * (x - <<c>>), x))
""",
            """
x = np.array([-1e4, -1e-9, 0.0, 0.5, <<c>>, <<c>> + 1e-9, <<c>> + 10])
y = act(x)
if not np.isfinite(y).all():
    return "<<not_finite>>"
return compare(y[1:6], [0, 0, 0.5, <<c>>, <<c>>]) or compare(y[6] - y[4], 10 * <<b>>)
""",
            act_cases,
        ),
        Question(
            "back",
            5,
            {
                "ko": "`dy`는 $\\partial L/\\partial f(x)$이고 `x`와 모양이 같습니다. $\\partial L/\\partial x$를 돌려주세요. $x = 0$에서는 **<<side_words>>** 미분계수를 씁니다.",
                "en": "`dy` is $\\partial L/\\partial f(x)$ and has the shape of `x`. Return $\\partial L/\\partial x$. At $x = 0$ take the derivative from the **<<side_words>>**.",
            },
            "back(x, dy)",
            """
n = np.minimum(x, 0)
return dy * np.where(x <<below>> 0, <<dleft>>, np.where(x > <<c>>, <<b>>, 1.0))
""",
            """
x = np.array([-3.0, -0.7, 0.4, 1.1, <<c>> + 1, <<c>> + 4])
dy = np.array([1.0, -2.0, 0.5, 3.0, -1.0, 2.0])
return compare(back(x, dy), dy * (act(x + 1e-6) - act(x - 1e-6)) / 2e-6)
""",
            back_cases,
        ),
        Question(
            "off",
            5,
            {
                "ko": "$z = XW + b$이고 `b`의 모양은 (H,)입니다. $z$가 <<off_words>> 유닛을 찾아, 유닛마다 1(그렇다) 또는 0을 담은 모양 (H,)의 배열과 그런 유닛의 비율을 돌려주세요.",
                "en": "Let $z = XW + b$, where `b` has shape (H,). Find the units for which $z$ is <<off_words>>. Return an array of shape (H,) with 1 for these units and 0 for the others, and their share.",
            },
            "off(X, W, b)",
            """
z = X @ W + b
found = <<off>>
return found, found.mean()
""",
            """
X, W = np.random.default_rng(4).normal(size=(5, 3)), np.zeros((3, 4))
which, share = off(X, W, np.full(4, <<c>> / 2))
return compare(np.asarray(which), np.zeros(4)) or compare(share, 0.0)
""",
            off_cases,
        ),
    ),
    essay=Essay(
        5,
        {
            "ko": "이 함수를 쓰는 유닛이 모든 예제에서 음수 쪽에 있습니다. ReLU라면 이 유닛은 죽었습니다. 여기서는 어떻게 되돌아올 수 있는지, $a$가 클수록 무엇을 얻고 무엇을 잃는지, 아주 먼 음수에서는 어떻게 되는지 다섯 문장에서 열 문장으로 쓰세요.",
            "en": "A unit with this function is on the negative side for all examples. With ReLU it would be dead. Write five to ten sentences: how it can come back here, what a larger $a$ buys and costs, and what happens far out on the negative side.",
        },
        {
            "ko": "2점: 음수 쪽 미분계수가 0이 아니므로 기울기가 가중치에 닿아 되돌아올 수 있다. 1점: 먼 음수에서 이 조각의 미분계수가 일정한지 0으로 가는지 맞게 말한다. 2점: a가 크면 빨리 돌아오지만 선형에 가까워지거나 이득이 바뀐다고 말한다.",
            "en": "2: the slope on the left is not 0, so a gradient reaches the weights. 1: says rightly whether the slope of this piece stays or goes to 0 far out. 2: a larger a returns sooner but is nearer to linear, or changes the gain.",
        },
    ),
    wrong=(
        Wrong("act", "<<c>> + <<b>> * (x - <<c>>)", "<<c>>"),
        Wrong("act", "<<c>> + <<b>> * (x - <<c>>)", "<<b>> * x"),
        Wrong(
            "act", "n = np.minimum(x, 0)", "n = np.minimum(x, 0) + 0 * np.exp(abs(x))", seen=True
        ),
        Wrong("act", "x < 0, <<left>>", "x < 0, 0.0 * n"),
        Wrong("act", "x < 0, <<left>>", "x < 0, -(<<left>>)"),
        Wrong("back", "return dy * ", "return "),
        Wrong("back", "x > <<c>>, <<b>>, 1.0", "x > <<c>>, 0.0, 1.0"),
        Wrong("back", "x <<below>> 0, <<dleft>>", "x <<below>> 0, 1.1 * (<<dleft>>)"),
        Wrong(
            "back",
            "n = np.minimum(x, 0)",
            "n = np.minimum(x, 0)\nx = np.where(x == 0, 1.0 if '<<below>>' == '<=' else -1.0, x)",
        ),
        Wrong("off", "X @ W + b", "X @ W"),
        Wrong("off", "return found, found.mean()", "return found, found.sum()"),
        Wrong("off", "return found, found.mean()", "return ~found, (~found).mean()"),
    ),
    alternatives=(
        {
            "act": """
y = np.array(x, dtype=float)
n = y[y < 0]
y[y < 0] = <<left>>
high = y > <<c>>
y[high] = (1 - <<b>>) * <<c>> + <<b>> * y[high]
return y
""",
            "back": """
dx = np.zeros(x.shape)
for i in np.ndindex(*x.shape):
    n = x[i]
    if n <<below>> 0:
        dx[i] = dy[i] * (<<dleft>>)
    elif n > <<c>>:
        dx[i] = dy[i] * <<b>>
    else:
        dx[i] = dy[i]
return dx
""",
            "off": """
found = []
for j in range(W.shape[1]):
    z = np.array([[sum(X[n] * W[:, j]) + b[j]] for n in range(len(X))])
    found.append(int((<<off>>)[0]))
return found, sum(found) / len(found)
""",
        },
        {
            "act": """
n = np.minimum(x, 0)
return (<<left>>) + np.clip(x, 0, <<c>>) + <<b>> * np.maximum(x - <<c>>, 0)
""",
            "back": """
n = np.minimum(x, 0)
dy *= (x <<below>> 0) * (<<dleft>>) + (x > <<c>>) * <<b>> + (1 - ((x <<below>> 0) | (x > <<c>>)))
return dy
""",
        },
    ),
)
