"""Maxout: the layer in one of three layouts, its way back, and a broken line taken apart."""

from __future__ import annotations

from assignments.topic import FINE, Essay, Question, Topic, Wrong, differences

LAYOUTS = (  # letters of W in einsum, shape of W, b as (k, h) and back, shape of b
    ("kdh", "(k, D, H)", "b", "db", "(k, H)"),
    ("dhk", "(D, H, k)", "b.T", "db.T", "(H, k)"),
    ("dkh", "(D, k, H)", "b", "db", "(k, H)"),
    ("hkd", "(H, k, D)", "b.T", "db.T", "(H, k)"),
)
BEST = (
    ("max", {"ko": "가장 큰", "en": "largest"}, 1),
    ("min", {"ko": "가장 작은", "en": "smallest"}, -1),
)


def draw(rng):
    """A layout, max or min, and a broken line with two corners."""
    left = rng.choice([-2.0, -1.5, -1.0])
    return {
        "layout": rng.randrange(len(LAYOUTS)), "best": rng.randrange(len(BEST)),
        "slopes": [left, left + rng.choice([0.8, 1.2, 1.4]), left + rng.choice([2.5, 3.0, 3.5])],
        "corners": [rng.choice([-1.5, -1.0, -0.5]), rng.choice([0.5, 1.0, 2.0])],
        "height": rng.choice([-1.0, 0.5, 1.5]),
    }  # fmt: skip


def values(v):
    w, shape, b, db, b_shape = LAYOUTS[v["layout"]]
    best, words, sign = BEST[v["best"]]
    slopes = [round(sign * s, 1) for s in v["slopes"]]
    p, q = v["corners"]
    return {
        "w": w, "shape": shape, "b": b, "db": db, "b_shape": b_shape, "best": best,
        "best_words": words, "s1": slopes[0], "s2": slopes[1], "s3": slopes[2], "p": p, "q": q,
        "order": {"ko": "작은" if sign > 0 else "큰", "en": "smallest" if sign > 0 else "largest"},
    }  # fmt: skip


def arrays(v, rng, n, d, h, k):
    sizes = {"d": d, "h": h, "k": k}
    letters = LAYOUTS[v["layout"]][0]
    W = rng.normal(size=[sizes[c] for c in letters])
    b = rng.normal(size=(k, h))
    return rng.normal(size=(n, d)), W, b if LAYOUTS[v["layout"]][2] == "b" else b.T.copy()


SIZES = (("ordinary", (6, 4, 3, 2)), ("square", (5, 3, 3, 3)), ("one", (1, 4, 2, 5)))


def forward_cases(v, rng):
    return [(kind, arrays(v, rng, *size)) for kind, size in SIZES]


def backward_cases(v, rng):
    return [
        (kind, (*arrays(v, rng, *size), rng.normal(size=(size[0], size[2]))))
        for kind, size in SIZES
    ]


def piece_cases(v, rng):
    return [("ordinary", (float(rng.normal()), float(rng.uniform(0.5, 3)))) for _ in range(4)]


TOPIC = Topic(
    name="maxout",
    chapters=("11-maxout",),
    minutes=75,
    title={"ko": "Maxout", "en": "Maxout"},
    objectives={
        "ko": [
            "조각 여러 개 가운데 하나를 고르는 층을 배열로 계산하기",
            "기울기를 이긴 조각에만 보내기",
            "꺾인 직선을 Maxout 유닛 하나로 쓰기",
        ],
        "en": [
            "compute with arrays a layer that picks one of several pieces",
            "send the gradient to the winning piece alone",
            "write a broken line as one Maxout unit",
        ],
    },
    intro={
        "ko": r"""유닛 $h$는 조각 $k$개 $z_{nkh} = \sum_d x_{nd} w_{dkh} + b_{kh}$ 가운데 **<<best_words>>** 값을 냅니다. `X`의 모양은 (N, D)이고, 이 과제에서
`W`의 모양은 `<<shape>>`, `b`의 모양은 `<<b_shape>>`입니다(k는 조각, D는 입력, H는 유닛).""",
        "en": r"""Unit $h$ gives the **<<best_words>>** of its $k$ pieces $z_{nkh} = \sum_d x_{nd} w_{dkh} + b_{kh}$. `X` has shape (N, D); in this assignment
`W` has shape `<<shape>>` and `b` has shape `<<b_shape>>` (k pieces, D inputs, H units).""",
    },
    draw=draw,
    values=values,
    questions=(
        Question(
            "forward",
            4,
            {
                "ko": "층의 출력을 모양 (N, H)로 돌려주세요.",
                "en": "Return the output of the layer, of shape (N, H).",
            },
            "forward(X, W, b)",
            """
Z = np.einsum("nd,<<w>>->nkh", X, W) + <<b>>
return Z.<<best>>(axis=1)
""",
            """
rng = np.random.default_rng(5)
sizes = {"d": 3, "h": 2, "k": 4}
W, b = rng.normal(size=[sizes[c] for c in "<<w>>"]), rng.normal(size=[sizes[c] for c in "<<b_shape>>".lower() if c in sizes])
X = rng.normal(size=(5, 3))
y = forward(X, W, b)
if np.shape(y) != (5, 2):
    return compare(y, np.zeros((5, 2)))
return compare(forward(X, W, b + 1.5), y + 1.5) or compare(forward(2 * X, 3 * W, 6 * b), 6 * y)
""",
            forward_cases,
        ),
        Question(
            "backward",
            6,
            {
                "ko": r"`dy`는 $\partial L/\partial y$이고 모양은 (N, H)입니다. $(\partial L/\partial X,\ \partial L/\partial W,\ \partial L/\partial b)$를 돌려주세요. 모양은 각각 `X`, `W`, `b`와 같습니다.",
                "en": r"`dy` is $\partial L/\partial y$, of shape (N, H). Return $(\partial L/\partial X,\ \partial L/\partial W,\ \partial L/\partial b)$, each with the shape of its array.",
            },
            "backward(X, W, b, dy)",
            """
Z = np.einsum("nd,<<w>>->nkh", X, W) + <<b>>
wins = np.arange(Z.shape[1])[:, None] == Z.arg<<best>>(axis=1)[:, None, :]
dZ = wins * dy[:, None, :]
db = dZ.sum(axis=0)
return np.einsum("nkh,<<w>>->nd", dZ, W), np.einsum("nd,nkh-><<w>>", X, dZ), <<db>>
""",
            """
rng = np.random.default_rng(6)
sizes = {"d": 3, "h": 2, "k": 4}
W, b = rng.normal(size=[sizes[c] for c in "<<w>>"]), rng.normal(size=[sizes[c] for c in "<<b_shape>>".lower() if c in sizes])
X, dy = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
dX, dW, db = backward(X, W, b, dy)
def loss(X, W, b):
    return np.sum(dy * forward(X, W, b))
return (
    compare(dX, numeric(lambda a: loss(a, W, b), X))
    or compare(dW, numeric(lambda a: loss(X, a, b), W))
    or compare(db, numeric(lambda a: loss(X, W, a), b))
)
""",
            backward_cases,
            tolerance=FINE,
        ),
        Question(
            "pieces",
            5,
            {
                "ko": r"""입력이 수 하나인 Maxout 유닛 하나로 다음 꺾인 직선을 만드세요. $x = <<p>>$에서 값은 `height`이고, 기울기(미분계수)는 $x < <<p>>$에서 $<<s1>>$,
$<<p>> < x < <<q>>$에서 $<<s2>>$, $x > <<q>>$에서 $<<s3>>$입니다. 그런 다음 이 직선 전체를 세로로 `scale`배(0보다 큼) 늘입니다. 조각 셋의 미분계수와 편향을 모양 (3,)인 배열 둘로, 미분계수가 **<<order>>**
조각부터 돌려주세요.""",
                "en": r"""Make the following broken line with one Maxout unit of one input. At $x = <<p>>$ its value is `height`; its slope is $<<s1>>$ for $x < <<p>>$,
$<<s2>>$ for $<<p>> < x < <<q>>$, and $<<s3>>$ for $x > <<q>>$. Then the whole line is stretched vertically by `scale`, which is positive. Return the slopes and the biases of
the three pieces as two arrays of shape (3,), starting with the **<<order>>** slope.""",
            },
            "pieces(height, scale)",
            """
slopes = np.array([<<s1>>, <<s2>>, <<s3>>])
at = np.array([<<p>>, <<p>>, <<q>>])
reached = np.array([height, height, height + <<s2>> * (<<q>> - (<<p>>))])
return scale * slopes, scale * (reached - slopes * at)
""",
            """
w, b = pieces(0.7, 2.0)
def line(x):
    return np.<<best>>(np.asarray(w) * x + np.asarray(b))
got = [line(<<p>>), line(<<p>> - 1) - line(<<p>> - 2), line(<<q>> + 2) - line(<<q>> + 1)]
return compare(got, [1.4, 2 * <<s1>>, 2 * <<s3>>])
""",
            piece_cases,
        ),
    ),
    essay=Essay(
        5,
        {
            "ko": "이런 유닛 하나와, 입력이 같은 ReLU 유닛 하나를 견주어 보세요. 매개변수의 수, 죽을 수 있는지, 조각 하나가 한 번도 이기지 못하면 어떻게 되는지를 다섯 문장에서 열 문장으로 쓰세요.",
            "en": "Compare one such unit with one ReLU unit of the same inputs: number of parameters, whether it can die, and what happens to a piece that never wins. Five to ten sentences.",
        },
        {
            "ko": "1점: 매개변수가 k배. 2점: 언제나 한 조각이 이기므로 기울기가 끊기지 않는다. 2점: 이기지 못한 조각은 기울기를 받지 못하지만, 다른 조각이 움직이면 다시 이길 수 있다.",
            "en": "1: k times the parameters. 2: one piece always wins, so the gradient is never cut. 2: a piece that never wins gets no gradient, but may win again when the others move.",
        },
    ),
    wrong=(
        Wrong("forward", "Z.<<best>>(axis=1)", "Z.mean(axis=1)"),
        Wrong("forward", " + <<b>>", ""),
        Wrong("forward", "Z.<<best>>(axis=1)", "np.abs(Z).<<best>>(axis=1)"),
        Wrong("forward", "return Z.<<best>>(axis=1)", "return np.maximum(Z.<<best>>(axis=1), 0)"),
        Wrong("backward", "wins = ", "wins = 1.0 + 0 * "),
        Wrong("backward", "dZ.sum(axis=0)", "dZ.mean(axis=0) * 1.01"),
        Wrong("backward", "dZ = wins * dy[:, None, :]", "dZ = wins * 1.0"),
        Wrong("backward", " + <<b>>", ""),
        Wrong(
            "backward",
            "db = dZ.sum(axis=0)",
            """
def loss(X, W, b):
    return np.sum(dy * forward(X, W, b))
"""
            + differences("X", "W", "b"),
        ),
        Wrong("pieces", "reached - slopes * at", "reached"),
        Wrong("pieces", "height + <<s2>> *", "height + <<s3>> *"),
        Wrong("pieces", "return scale * slopes", "return slopes"),
        Wrong("pieces", "np.array([<<p>>, <<p>>, <<q>>])", "np.array([<<p>>, <<q>>, <<q>>])"),
    ),
    alternatives=(
        {
            "forward": """
W, b = np.einsum("<<w>>->kdh", W), <<b>>
out = np.zeros((len(X), W.shape[2]))
for n in range(len(X)):
    for h in range(W.shape[2]):
        out[n, h] = <<best>>(float(X[n] @ W[k, :, h] + b[k, h]) for k in range(len(W)))
return out
""",
            "backward": """
w, c = np.einsum("<<w>>->kdh", W), <<b>>
dX, dw, db = np.zeros(X.shape), np.zeros(w.shape), np.zeros(c.shape)
for n in range(len(X)):
    for h in range(w.shape[2]):
        k = int(np.arg<<best>>([X[n] @ w[k, :, h] + c[k, h] for k in range(len(w))]))
        dX[n] += dy[n, h] * w[k, :, h]
        dw[k, :, h] += dy[n, h] * X[n]
        db[k, h] += dy[n, h]
return dX, np.einsum("kdh-><<w>>", dw), <<db>>
""",
            "pieces": """
w = [<<s1>> * scale, <<s2>> * scale, <<s3>> * scale]
b1 = height * scale - w[0] * (<<p>>)
b2 = b1 + (w[0] - w[1]) * (<<p>>)
return w, [b1, b2, b2 + (w[1] - w[2]) * (<<q>>)]
""",
        },
        {
            "forward": """
Z = np.tensordot(X, np.einsum("<<w>>->dkh", W), 1)
Z += <<b>>
return np.sort(Z, axis=1)[:, -1 if "<<best>>" == "max" else 0]
""",
        },
    ),
)
