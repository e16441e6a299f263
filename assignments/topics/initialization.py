"""Initialization: the right width of the weights, drawing them, and the signal layer by layer."""

from __future__ import annotations

import numpy as np

from assignments.topic import Draw, Essay, Question, Topic, Wrong

FANS = (
    (
        "fan_in",
        {
            "ko": "순방향 신호의 제곱평균이",
            "en": "the mean square of the signal on its way forward",
        },
    ),
    (
        "fan_out",
        {
            "ko": "역방향 기울기의 제곱평균이",
            "en": "the mean square of the gradient on its way back",
        },
    ),
    (
        "((fan_in + fan_out) / 2)",
        {
            "ko": "순방향과 역방향의 제곱평균을 절충한 값(fan_in 대신 두 수의 평균을 쓰세요)이",
            "en": "a compromise of both ways (use the mean of fan_in and fan_out where one of them would stand)",
        },
    ),
)
LAWS = (  # code for an array of standard deviation s, its fourth standardised moment
    ("rng.normal(0, s, (fan_in, fan_out))", 3.0, {"ko": "정규분포", "en": "normal distribution"}),
    (
        "rng.uniform(-s * np.sqrt(3), s * np.sqrt(3), (fan_in, fan_out))", 1.8,
        {"ko": "0을 중심으로 한 균등분포", "en": "uniform distribution around 0"},
    ),
    (
        "rng.choice([-s, s], (fan_in, fan_out))", 1.0,
        {"ko": "절댓값이 같고 부호만 반반인 분포", "en": "distribution of two values, equal but for their sign, each with probability one half"},
    ),
)  # fmt: skip


def draw(rng):
    """Two slopes, which way to keep, and a law."""
    return {
        "a": rng.choice([0.1, 0.2, 0.3, 0.4, -0.3, -0.5]), "b": rng.choice([0.6, 0.8, 1.2, 1.5]),
        "fan": rng.randrange(len(FANS)), "law": rng.randrange(len(LAWS)),
    }  # fmt: skip


def values(v):
    fan, fan_words = FANS[v["fan"]]
    law, moment, law_words = LAWS[v["law"]]
    return {
        "fan": fan, "fan_words": fan_words, "law": law, "law_words": law_words, "moment": moment,
        "f": (v["a"] ** 2 + v["b"] ** 2) / 2,
    }  # fmt: skip


def std_cases(v, rng):
    return [("ordinary", (int(n), int(m))) for n, m in rng.integers(5, 500, (6, 2))]


def weight_cases(v, rng):
    sizes = [(200, 300), (400, 150), (120, 500), (120, 500)]
    cases = [("ordinary", (n, m, Draw(int(rng.integers(2**31))))) for n, m in sizes]
    return [*cases, cases[-1]]


def moments(W):
    """Standard deviation, fourth standardised moment, and the largest neighbour correlation."""
    centred = W - W.mean()
    s = centred.std()
    near = [(centred[1:] * centred[:-1]).mean(), (centred[:, 1:] * centred[:, :-1]).mean()]
    return s, (centred**4).mean() / s**4, np.abs(near).max() / s**2


def judge_weights(args, got, expected):
    """Shape, mean, spread, form and independence of some 60,000 numbers, each within 5 errors."""
    if not isinstance(got, np.ndarray) or got.shape != expected.shape:
        shape = got.shape if isinstance(got, np.ndarray) else "?"
        return "shape", {"given": str(shape), "expected": str(expected.shape)}
    if not np.isfinite(got).all() or got.std() < 1e-6 * expected.std():
        return "distribution", {
            "what": {"ko": "모두 같거나 유한하지 않음", "en": "constant or not finite"}
        }
    (s, m, near), (s0, m0, _) = moments(got), moments(expected)
    if abs(got.mean()) > 0.025 * s0:
        return "distribution", {"what": {"ko": "평균", "en": "mean"}}
    if abs(s / s0 - 1) > 0.025:
        return "factor", {"factor": f"{s / s0:.2f}"}
    if abs(m - m0) > 0.2:
        return "distribution", {"what": {"ko": "분포의 모양", "en": "form"}}
    if near > 0.03:
        return "distribution", {"what": {"ko": "서로 독립이 아님", "en": "not independent"}}
    return "ok"


def judge_seeds(answers):
    """The last two answers have one seed; the one before has another, and the same shape."""
    other, once, again = answers[-3:]
    if np.array_equal(once, again) and not np.array_equal(once, other):
        return "ok"
    return "distribution", {
        "what": {"ko": "`rng`로만 뽑지 않음", "en": "not drawn with `rng` alone"}
    }


def signal_cases(v, rng):
    cases = []
    for kind, depth in (("ordinary", 3), ("long", 12), ("ordinary", 5)):
        widths = rng.integers(10, 300, depth + 1).astype(float)
        cases.append((kind, (widths, rng.uniform(0.02, 0.3, depth), float(rng.uniform(0.3, 3)))))
    return cases


TOPIC = Topic(
    name="initialization",
    chapters=("14-initialization",),
    minutes=60,
    title={"ko": "초기화", "en": "Initialization"},
    objectives={
        "ko": [
            "활성화 함수에 맞는 가중치의 표준편차를 유도하기",
            "정해진 분포에서 가중치를 뽑기",
            "층마다 신호가 얼마나 커지는지 예측하기",
        ],
        "en": [
            "derive the standard deviation of weights that fits an activation",
            "draw weights from a given distribution",
            "predict the size of the signal, layer by layer",
        ],
    },
    intro={
        "ko": r"""이 과제의 활성화 함수는 $x < 0$이면 $f(x) = <<a>>\,x$, $x \ge 0$이면 $f(x) = <<b>>\,x$입니다. 각 층은 $z_{l+1} = f(z_l)\,W$이고, 첫 층만 입력에
함수를 씌우지 않고 $z_1 = xW$입니다. 가중치는 평균이 0이고 서로 독립이며, $z$는 0을 중심으로 대칭이라고 보세요.""",
        "en": r"""The activation function of this assignment is $f(x) = <<a>>\,x$ for $x < 0$ and $f(x) = <<b>>\,x$ for $x \ge 0$. Each layer computes $z_{l+1} = f(z_l)\,W$; the first
takes the input as it is, $z_1 = xW$. Weights are independent with mean 0; take $z$ to be symmetric about 0.""",
    },
    draw=draw,
    values=values,
    says={
        "kept": {
            "ko": "이 표준편차로는 층 하나에서 제곱평균이 그대로가 아니라 {ratio:.3g}배가 됩니다",
            "en": "with this standard deviation one layer does not keep the mean square but makes it {ratio:.3g} times as large",
        },
        "wide": {
            "ko": "뽑은 수의 표준편차가 `spread`의 {ratio:.3g}배입니다",
            "en": "the numbers drawn have a standard deviation of {ratio:.3g} times your `spread`",
        },
        "ignored": {
            "ko": "시드가 같은 두 `rng`는 같은 수를, 시드가 다르면 다른 수를 주어야 합니다. `rng`로만 뽑나요?",
            "en": "two `rng` of one seed should give the same numbers, and of two seeds different ones: is `rng` all that you draw with?",
        },
    },
    questions=(
        Question(
            "spread",
            4,
            {
                "ko": "입력이 `fan_in`개, 출력이 `fan_out`개인 층(첫 층이 아닌 층)에서 <<fan_words>> 그대로 유지되는 가중치의 표준편차를 돌려주세요.",
                "en": "For a layer with `fan_in` inputs and `fan_out` outputs (not the first one), return the standard deviation of the weights that keeps <<fan_words>> as it is.",
            },
            "spread(fan_in, fan_out)",
            """
return 1 / np.sqrt(<<fan>> * <<f>>)
""",
            """
rng = np.random.default_rng(7)
s = spread(400, 400)
z = rng.normal(size=(400, 400))
after = np.where(z < 0, <<a>> * z, <<b>> * z) @ rng.normal(0, s, (400, 400))
ratio = np.mean(after**2)
return None if 0.95 < ratio < 1.05 else f"<<kept>>"
""",
            std_cases,
        ),
        Question(
            "weights",
            6,
            {
                "ko": "모양 (fan_in, fan_out)의 가중치를 위의 표준편차로 **<<law_words>>**에서 뽑아 돌려주세요. `rng`는 `np.random.default_rng`가 준 생성기이고, 이것으로만 뽑습니다. 성적은 뽑은 수의 평균, 표준편차, 분포의 모양, 독립성으로 매깁니다.",
                "en": "Draw weights of shape (fan_in, fan_out) with the standard deviation above from a **<<law_words>>**. `rng` is a generator from `np.random.default_rng`; draw with it alone. What is graded is the mean, standard deviation, form and independence of the numbers.",
            },
            "weights(fan_in, fan_out, rng)",
            """
s = 1 / np.sqrt(<<fan>> * <<f>>)
return <<law>>
""",
            """
W = weights(300, 200, np.random.default_rng(8))
if np.shape(W) != (300, 200):
    return compare(W, np.zeros((300, 200)))
ratio = np.std(W) / spread(300, 200)
if not 0.97 < ratio < 1.03:
    return f"<<wide>>"
again, other = (weights(300, 200, np.random.default_rng(seed)) for seed in (8, 9))
return None if np.array_equal(W, again) and not np.array_equal(W, other) else "<<ignored>>"
""",
            weight_cases,
            judge=judge_weights,
            judge_all=judge_seeds,
        ),
        Question(
            "signal",
            5,
            {
                "ko": r"""너비가 `widths`(길이 $L+1$, 첫 수는 입력의 수)이고 층 $l$의 가중치의 표준편차가 `stds`(길이 $L$)인 신경망입니다. 입력의 제곱평균이 `q0`일 때 $z_1, \dots, z_L$의 제곱평균의
기댓값을 모양 $(L,)$의 배열로 돌려주세요.""",
                "en": r"""A network has the widths `widths` (length $L+1$; the first is the number of inputs), and layer $l$ has weights of standard deviation `stds` (length $L$). The mean square of the input is `q0`. Return the
expected mean squares of $z_1, \dots, z_L$ as an array of shape $(L,)$.""",
            },
            "signal(widths, stds, q0)",
            """
factors = widths[:-1] * stds**2
factors[1:] *= <<f>>
return q0 * np.cumprod(factors)
""",
            """
q = signal(np.array([50.0, 60.0, 40.0]), np.array([0.1, 0.2]), 2.0)
again = signal(np.array([50.0, 60.0, 40.0]), np.array([0.1, 0.2]), 6.0)
return compare(again, 3 * np.asarray(q)) or compare(q[0], 1.0)
""",
            signal_cases,
        ),
    ),
    essay=Essay(
        5,
        {
            "ko": "여러분의 `spread`를 쓴 30층 신경망과 표준편차를 1.2배로 키운 신경망에서 신호는 어떻게 됩니까? 수로 계산하고, tanh였다면 무엇이 달라지는지 다섯 문장에서 열 문장으로 설명하세요.",
            "en": "What becomes of the signal in a network of 30 layers with your `spread`, and in one with weights 1.2 times as large? Give numbers, and say in five to ten sentences what would be different with tanh.",
        },
        {
            "ko": "2점: 1.44의 약 29제곱(첫 층을 어떻게 세는지는 상관없다)을 계산한다. 2점: 신호와 기울기가 함께 폭발한다고 말한다. 1점: tanh는 순방향이 포화로 막히지만 기울기는 다르다고 말한다.",
            "en": "2: computes 1.44 to about the 29th power (however the first layer is counted). 2: signal and gradient explode together. 1: tanh bounds the signal by saturating, but not the gradient.",
        },
    ),
    wrong=(
        Wrong("spread", "1 / np.sqrt(<<fan>> * <<f>>)", "1 / (<<fan>> * <<f>>)", seen=True),
        Wrong("spread", "<<fan>> * <<f>>", "<<fan>>"),
        Wrong("spread", "<<fan>> * <<f>>", "<<fan>> * 2 * <<f>>"),
        Wrong("spread", "<<fan>> * <<f>>", "np.sqrt(fan_in * fan_out) * <<f>>"),
        Wrong("weights", "return <<law>>", "return abs(<<law>>)"),
        Wrong("weights", "return <<law>>", "return 1.1 * <<law>>", seen=True),
        Wrong("weights", "return <<law>>", "return (<<law>>).T"),
        Wrong(
            "weights", "return <<law>>", "return rng.laplace(0, s / np.sqrt(2), (fan_in, fan_out))"
        ),
        Wrong("weights", "return <<law>>", "return np.sort(<<law>>, axis=1)"),
        Wrong("weights", "return <<law>>", "return 0 * (<<law>>)"),
        Wrong(
            "weights", "return <<law>>", "rng = np.random.default_rng()\nreturn <<law>>", seen=True
        ),
        Wrong(
            "weights", "return <<law>>", "rng = np.random.default_rng(0)\nreturn <<law>>", seen=True
        ),
        Wrong("signal", "factors[1:] *= <<f>>", "factors *= <<f>>"),
        Wrong("signal", "stds**2", "stds"),
        Wrong("signal", "widths[:-1]", "widths[1:]"),
        Wrong("signal", "np.cumprod(factors)", "factors"),
    ),
    alternatives=(
        {
            "spread": "return (2 / (((<<a>>) ** 2 + (<<b>>) ** 2) * <<fan>>)) ** 0.5",
            "weights": """
s = (<<fan>> * <<f>>) ** -0.5
rows = []
for _ in range(fan_in):
    kept, fan = fan_in, 1
    rows.append((lambda fan_in: <<law>>)(fan)[0])
return np.array(rows)
""",
            "signal": """
found, q = [], q0
for layer, s in enumerate(stds):
    q *= widths[layer] * s * s
    if layer:
        q *= ((<<a>>) ** 2 + (<<b>>) ** 2) / 2
    found.append(q)
return found
""",
        },
        {
            "weights": """
s = 1.0
W = <<law>>
W -= 0.0
return W / np.sqrt(<<fan>> * <<f>>)
""",
            "signal": """
logs = np.log(widths[:-1]) + 2 * np.log(stds) + np.log(<<f>>)
return np.exp(np.cumsum(logs)) * q0 / (<<f>>)
""",
        },
    ),
)
