"""Zero-centering: preparing data, the sign rule for one unit, and the curvature of a linear model."""

from __future__ import annotations

import numpy as np

from assignments.topic import FINE, Essay, Question, Topic, Wrong

CENTRES = (
    ("train.mean(axis=0)", {"ko": "평균을", "en": "mean"}),
    ("np.median(train, axis=0)", {"ko": "중앙값을", "en": "median"}),
    (
        "(train.max(axis=0) + train.min(axis=0)) / 2",
        {
            "ko": "가장 큰 값과 가장 작은 값의 한가운데 값을",
            "en": "point halfway between the largest and the smallest value",
        },
    ),
)
SPREADS = (
    (
        "train.std(axis=0)",
        {"ko": "표준편차(N으로 나눈 것)로", "en": "standard deviation (divided by N)"},
    ),
    (
        "np.abs(train - centre).mean(axis=0)",
        {"ko": "그 중심에서 떨어진 거리의 평균으로", "en": "mean distance from that centre"},
    ),
    (
        "np.ptp(train, axis=0)",
        {
            "ko": "범위(가장 큰 값 빼기 가장 작은 값)로",
            "en": "range (largest minus smallest value)",
        },
    ),
)
LOSSES = (  # how the loss of N examples is made: the factor in front of the sum of squares
    (r"\frac1N", "2 / len(X)", "1 / len(H)"),
    (r"\frac1{2N}", "1 / len(X)", "0.5 / len(H)"),
    (r"\frac12", "1.0", "0.5"),
)


def draw(rng):
    """A centre, a spread, and a convention for the loss."""
    return {
        "centre": rng.randrange(len(CENTRES)), "spread": rng.randrange(len(SPREADS)),
        "loss": rng.randrange(len(LOSSES)), "shift": rng.choice([-3.0, -2.0, 2.0, 3.0]),
    }  # fmt: skip


def values(v):
    (centre, centre_words), (spread, spread_words) = CENTRES[v["centre"]], SPREADS[v["spread"]]
    tex, hessian, half = LOSSES[v["loss"]]
    return {
        "centre": centre, "centre_words": centre_words, "spread": spread,
        "spread_words": spread_words, "tex": tex, "hessian": hessian, "half": half,
    }  # fmt: skip


def prepare_cases(v, rng):
    def pair(n, m, d):
        scale, shift = rng.uniform(0.5, 4, d), rng.normal(size=d) * v["shift"]
        skewed = [rng.exponential(size=(k, d)) * scale + shift for k in (n, m)]
        return tuple(skewed)

    train, test = pair(9, 4, 3)
    flat = train.copy()
    flat[:, 1] = v["shift"]
    return [("ordinary", pair(8, 5, 4)), ("square", pair(5, 5, 5)), ("constant", (flat, test))]


def unit_cases(v, rng):
    cases = []
    for n, d in ((12, 3), (20, 2), (15, 4)):
        H = rng.normal(size=(n, d)) + rng.choice([0.0, 0.8])
        H[:3] = np.abs(H[:3])
        H[3, 0] = 0.0
        cases.append(("ordinary", (H, rng.normal(size=d), rng.normal(size=n))))
    return cases


def curvature_cases(v, rng):
    return [
        ("ordinary", (rng.normal(size=(n, d)) * rng.uniform(0.5, 3, d) + v["shift"],))
        for n, d in ((12, 2), (30, 3), (25, 5))
    ]


TOPIC = Topic(
    name="zero-centering",
    chapters=("04-zero-centering", "13-preprocessing"),
    minutes=75,
    title={"ko": "0 중심", "en": "Zero-centering"},
    objectives={
        "ko": [
            "훈련 데이터의 통계만으로 데이터를 손질하기",
            "양수 입력이 기울기의 부호를 어떻게 묶는지 세기",
            "입력의 평균이 손실의 조건수를 어떻게 바꾸는지 계산하기",
        ],
        "en": [
            "prepare data with the statistics of the training set alone",
            "count how positive inputs tie the signs of a gradient",
            "compute what the mean of the inputs does to the condition number of a loss",
        ],
    },
    intro={
        "ko": "예제는 행, 특성은 열입니다.",
        "en": "Examples are rows, features are columns.",
    },
    draw=draw,
    values=values,
    says={
        "impossible": {
            "ko": "이 헤세 행렬의 가장 큰 고윳값이 {top:.3g}, 조건수가 {condition:.3g}일 수는 없습니다",
            "en": "this Hessian cannot have the largest eigenvalue {top:.3g} and the condition number {condition:.3g}",
        },
    },
    questions=(
        Question(
            "prepare",
            5,
            {
                "ko": "특성마다 훈련 데이터의 <<centre_words>> 빼고, 훈련 데이터의 <<spread_words>> 나눕니다. 이 값이 0인 특성은 나누지 않습니다. 손질한 훈련 데이터와 시험 데이터를 이 순서로 돌려주세요.",
                "en": "For each feature, subtract the <<centre_words>> of the training data and divide by its <<spread_words>>, also of the training data; where that is 0, do not divide. Return the prepared training data and test data, in this order.",
            },
            "prepare(train, test)",
            """
centre = <<centre>>
spread = <<spread>>
spread = np.where(spread == 0, 1.0, spread)
return (train - centre) / spread, (test - centre) / spread
""",
            """
rng = np.random.default_rng(1)
train, test = rng.exponential(size=(7, 2)), rng.exponential(size=(3, 2))
a, b = prepare(train, test)
more, _ = prepare(5 * train + 3, test)
return compare(a, more) or compare(prepare(train, train)[1], a) or compare(b[1] - b[0], (test[1] - test[0]) * (a[1] - a[0]) / (train[1] - train[0]))
""",
            prepare_cases,
        ),
        Question(
            "unit",
            5,
            {
                "ko": r"""선형 유닛 하나 $p_n = h_n \cdot w$의 손실은 $L = <<tex>>\sum_n (p_n - y_n)^2$입니다. 두 가지를 돌려주세요. 첫째, 기울기
$\partial L/\partial w$. 둘째, 예제 하나가 이 기울기에 보태는 항의 성분이 **모두 양수이거나 모두 음수**인 예제의 비율(0인 성분이 있으면 세지 않습니다).""",
                "en": r"""A single linear unit $p_n = h_n \cdot w$ has the loss $L = <<tex>>\sum_n (p_n - y_n)^2$. Return two things: the gradient
$\partial L/\partial w$, and the share of examples whose own contribution to it has components that are **all positive or all negative** (an example with a component 0 does not count).""",
            },
            "unit(H, w, y)",
            """
each = 2 * <<half>> * (H @ w - y)[:, None] * H
same = (each > 0).all(axis=1) | (each < 0).all(axis=1)
return each.sum(axis=0), same.mean()
""",
            """
rng = np.random.default_rng(2)
H, w, y = rng.uniform(0.1, 1, (6, 3)), rng.normal(size=3), rng.normal(size=6)
dw, share = unit(H, w, y)
return compare(dw, numeric(lambda w: <<half>> * np.sum((H @ w - y) ** 2), w)) or compare(share, 1.0)
""",
            unit_cases,
            tolerance=FINE,
        ),
        Question(
            "curvature",
            5,
            {
                "ko": r"""이제 편향을 더합니다. $L(w, b) = <<tex>>\sum_n (x_n\cdot w + b - y_n)^2$의 $(w, b)$에 대한 헤세 행렬을 생각하세요.
**가장 큰 고윳값**과 **조건수**(가장 큰 고윳값 나누기 가장 작은 고윳값)를 이 순서로 돌려주세요.""",
                "en": r"""Now with a bias. Consider the Hessian of $L(w, b) = <<tex>>\sum_n (x_n\cdot w + b - y_n)^2$ in $(w, b)$. Return its **largest
eigenvalue** and its **condition number** (largest eigenvalue over smallest), in this order.""",
            },
            "curvature(X)",
            """
wide = np.hstack([X, np.ones((len(X), 1))])
eigenvalues = np.linalg.eigvalsh(<<hessian>> * wide.T @ wide)
return eigenvalues[-1], eigenvalues[-1] / eigenvalues[0]
""",
            """
X = np.random.default_rng(3).normal(size=(9, 2)) + 1
top, condition = curvature(X)
again, same = curvature(X[::-1])
H = X
def loss(p):
    return <<half>> * np.sum((X @ p[:2] + p[2]) ** 2)
trace = sum((loss(e) + loss(-e) - 2 * loss(0 * e)) for e in np.eye(3))
if not (trace / 3 <= top <= trace and condition >= 1):
    return f"<<impossible>>"
return compare([again, same], [top, condition])
""",
            curvature_cases,
            tolerance=1e-6,
        ),
    ),
    essay=Essay(
        5,
        {
            "ko": "평균을 빼면 경사 하강법이 빨라진다고 합니다. 여러분의 `curvature`로 평균이 0인 데이터와 3만큼 옮긴 데이터를 견주어 보고, 부호가 묶이는 것과 조건수가 커지는 것 가운데 무엇이 더 나은 설명인지 다섯 문장에서 열 문장으로 논하세요.",
            "en": "Subtracting the mean is said to speed up gradient descent. Compare centred data with the same data moved by 3, using your `curvature`, and argue in five to ten sentences which is the better explanation: signs that are tied, or a condition number that grows.",
        },
        {
            "ko": "2점: 두 경우의 조건수를 계산해 견준다. 2점: 부호가 묶여도 학습률이 작으면 지그재그가 없고, 걸음의 크기는 가장 큰 고윳값이 정한다고 말한다. 1점: 결론에 조건을 단다.",
            "en": "2: compares computed condition numbers. 2: tied signs alone make no zig-zag with small steps, and the step is set by the largest eigenvalue. 1: states the condition under which the conclusion holds.",
        },
    ),
    wrong=(
        Wrong("prepare", "(test - centre) / spread", "(test - test.mean(axis=0)) / spread"),
        Wrong("prepare", "centre = <<centre>>", "centre = 0.9 * (<<centre>>)"),
        Wrong("prepare", "spread = np.where(spread == 0, 1.0, spread)\n", ""),
        Wrong("prepare", "spread = <<spread>>", "spread = train.std(axis=0, ddof=1)"),
        Wrong("prepare", "return (train - centre) / spread", "return train - centre"),
        Wrong("unit", "2 * <<half>> * ", "<<half>> * "),
        Wrong("unit", "(each > 0).all(axis=1) | (each < 0).all(axis=1)", "(each > 0).all(axis=1)"),
        Wrong(
            "unit",
            "(each > 0).all(axis=1) | (each < 0).all(axis=1)",
            "(each >= 0).all(axis=1) | (each <= 0).all(axis=1)",
        ),
        Wrong("unit", "H @ w - y", "y - H @ w"),
        Wrong(
            "unit",
            "return each.sum(axis=0), same.mean()",
            """
return numeric(lambda w: <<half>> * np.sum((H @ w - y) ** 2), w), same.mean()
""",
        ),
        Wrong("curvature", "np.hstack([X, np.ones((len(X), 1))])", "X"),
        Wrong("curvature", "<<hessian>> * wide", "2 * <<hessian>> * wide"),
        Wrong("curvature", "return eigenvalues[-1],", "return 9 * eigenvalues[-1],", seen=True),
        Wrong(
            "curvature",
            "eigenvalues[-1] / eigenvalues[0]",
            "np.sqrt(eigenvalues[-1] / eigenvalues[0])",
        ),
    ),
    alternatives=(
        {
            "prepare": """
done = [np.zeros(a.shape) for a in (train, test)]
whole = train
for j in range(whole.shape[1]):
    train = whole[:, [j]]
    centre = <<centre>>
    spread = float((<<spread>>)[0]) or 1.0
    for out, a in zip(done, (whole, test)):
        out[:, j] = (a[:, j] - centre[0]) / spread
return done
""",
            "unit": """
total, count = np.zeros(len(w)), 0
for h, target in zip(H, y):
    g = 2 * (<<half>>) * (np.dot(h, w) - target) * h
    total += g
    count += abs(np.sign(g).sum()) == len(w)
return total, count / len(H)
""",
            "curvature": """
G = np.zeros((X.shape[1] + 1,) * 2)
for x in X:
    z = np.append(1.0, x)
    G += <<hessian>> * np.outer(z, z)
s = np.linalg.svd(G, compute_uv=False)
return [s[0], s[0] / s[-1]]
""",
        },
        {
            "prepare": """
c, s = <<centre>>, None
centre = c
s = <<spread>>
s = s + (s == 0)
train -= c
train /= s
return train, np.divide(np.subtract(test, c), s)
""",
            "curvature": """
wide = np.column_stack([np.ones(len(X)), X])
s = np.linalg.svd(wide, compute_uv=False)
return <<hessian>> * s[0] ** 2, (s[0] / s[-1]) ** 2
""",
        },
    ),
)
