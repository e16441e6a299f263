"""The sigmoid and saturation: a stable value, its slope, units that are stuck, a bound on depth."""

from __future__ import annotations

import numpy as np

from assignments.topic import FINE, Essay, Question, Topic, Wrong
from assignments.words import NOT_FINITE

FORMS = (  # as formula, as naive code, then value = lift + swing * tanh(pace * u), the steepest slope
    (r"\frac{e^u}{1+e^u}", "np.exp(u) / (1 + np.exp(u))", 0.5, 0.5, 0.5, 0.25),
    (r"\frac{e^u-1}{e^u+1}", "(np.exp(u) - 1) / (np.exp(u) + 1)", 0.0, 1.0, 0.5, 0.5),
    (
        r"\frac{e^u-e^{-u}}{e^u+e^{-u}}",
        "(np.exp(u) - np.exp(-u)) / (np.exp(u) + np.exp(-u))", 0.0, 1.0, 1.0, 1.0,
    ),
    (r"\frac{e^{2u}}{1+e^{2u}}", "np.exp(2 * u) / (1 + np.exp(2 * u))", 0.5, 0.5, 1.0, 0.5),
)  # fmt: skip
RULES = (
    ("stuck.all(axis=0)", {"ko": "**모든** 예제에서", "en": "for **every** example"}),
    (
        "(stuck.mean(axis=0) > 0.5)",
        {"ko": "예제의 **절반을 넘는 수**에서", "en": "for **more than half** of the examples"},
    ),
    (
        "stuck[[0, -1]].all(axis=0)",
        {
            "ko": "**첫 예제와 마지막 예제 둘 다**에서",
            "en": "for **both the first and the last** example",
        },
    ),
)


def draw(rng):
    """A form of the sigmoid, stretched and moved, whose steepest slope is below 1."""
    form = rng.randrange(len(FORMS))
    height = rng.choice([1.5, 2.5, 3.0, 4.0])
    steepest = rng.choice([0.3, 0.4, 0.5, 0.6, 0.7])
    return {
        "form": form, "A": height, "k": round(steepest / (height * FORMS[form][5]), 3),
        "m": rng.choice([-1.5, -0.7, 0.6, 0.9, 1.3]), "B": rng.choice([-2.0, -0.8, 0.7, 1.6]),
        "rule": rng.randrange(len(RULES)),
    }  # fmt: skip


def values(v):
    tex, naive, lift, swing, pace, steepest = FORMS[v["form"]]
    code, words = RULES[v["rule"]]
    return {
        "m_tex": f"{-v['m']:+}", "tex": tex, "naive": naive, "lift": lift, "swing": swing, "pace": pace,
        "top": repr(v["A"] * v["k"] * steepest), "rule": code, "rule_words": words,
    }  # fmt: skip


def value_cases(v, rng):
    return [
        ("ordinary", (rng.normal(scale=4, size=12),)),
        ("matrix", (rng.normal(size=(3, 4)),)),
        ("large", (rng.choice([-1, 1], 8) * rng.uniform(3e4, 9e4, 8),)),
    ]


def stuck_cases(v, rng):
    def draw(n, width):
        return v["m"] + rng.normal(size=(n, width)) * 6 / v["k"] * rng.uniform(0.2, 1, width)

    cases = [("ordinary", (draw(n, 80), float(rng.uniform(0.2, 0.6)))) for n in (3, 4, 5, 6)]
    share = float(rng.uniform(0.2, 0.4))
    # now nothing is near the middle, where the slope is largest
    part = rng.uniform(0.01, 2, (4, 80)) * share  # of the largest slope
    far = np.arctanh(np.sqrt(1 - part)) / (FORMS[v["form"]][4] * v["k"])
    return [*cases, ("large", (v["m"] + rng.choice([-1, 1], far.shape) * far, share))]


def depth_cases(v, rng):
    return [("ordinary", (float(10.0 ** -rng.uniform(1, 9)),)) for _ in range(8)]


TOPIC = Topic(
    name="sigmoid",
    chapters=("02-sigmoid", "03-vanishing-gradients"),
    minutes=60,
    title={"ko": "시그모이드와 포화", "en": "The sigmoid and saturation"},
    objectives={
        "ko": [
            "오버플로 없이 시그모이드를 계산하기",
            "늘이고 옮긴 시그모이드를 미분하기",
            "포화한 유닛을 세고, 기울기가 몇 층을 견디는지 어림하기",
        ],
        "en": [
            "compute a sigmoid without overflow",
            "differentiate a sigmoid that is stretched and moved",
            "count saturated units, and bound how many layers a gradient survives",
        ],
    },
    intro={
        "ko": r"""이 과제의 활성화 함수는

$$s(x) = <<B>> + <<A>>\,F(u), \qquad u = <<k>>\,(x <<m_tex>>), \qquad F(u) = <<tex>>$$

입니다.""",
        "en": r"""The activation function of this assignment is

$$s(x) = <<B>> + <<A>>\,F(u), \qquad u = <<k>>\,(x <<m_tex>>), \qquad F(u) = <<tex>>.$$""",
    },
    draw=draw,
    values=values,
    says={
        "not_finite": NOT_FINITE,
        "whole": {
            "ko": "층의 수는 정수여야 하는데 {n}입니다",
            "en": "a number of layers is a whole number, not {n}",
        },
        "deep": {
            "ko": "{n:g}층이 아닙니다. s'의 최댓값을 그만큼 곱하면 {top**n:.3g}이고, 한 번 덜 곱하면 {top ** (n - 1):.3g}입니다",
            "en": "not {n:g} layers: so many factors of the largest slope make {top**n:.3g}, one less makes {top ** (n - 1):.3g}",
        },
    },
    questions=(
        Question(
            "squash",
            4,
            {
                "ko": "배열 `x`에서 $s(x)$를 돌려주세요. $|x|$가 십만이어도 NaN이나 무한대가 나오면 안 됩니다.",
                "en": "Return $s(x)$ for an array `x`. Neither NaN nor infinity may appear, even where $|x|$ is a hundred thousand.",
            },
            "squash(x)",
            """
u = <<k>> * (x - (<<m>>))
return <<B>> + <<A>> * (<<lift>> + <<swing>> * np.tanh(<<pace>> * u))
""",
            """
x = np.array([-1e5, -2.0, 0.0, 3.0, 1e5])
y = squash(x)
def F(u):
    return <<naive>>
if not np.isfinite(y).all():
    return "<<not_finite>>"
return compare(y[1:4], <<B>> + <<A>> * F(<<k>> * (x[1:4] - (<<m>>))))
""",
            value_cases,
        ),
        Question(
            "slope",
            4,
            {
                "ko": "배열 `x`에서 미분계수 $s'(x)$를 돌려주세요. 차분을 쓰지 말고 식으로 계산하세요. 여기서도 $|x|$가 십만이어도 NaN이나 무한대가 나오면 안 됩니다.",
                "en": "Return the derivative $s'(x)$ for an array `x`, from a formula and not from differences. It must not overflow either, even where $|x|$ is a hundred thousand.",
            },
            "slope(x)",
            """
t = np.tanh(<<pace>> * <<k>> * (x - (<<m>>)))
return <<A>> * <<k>> * <<swing>> * <<pace>> * (1 - t * t)
""",
            """
x = np.linspace(-4, 4, 9)
if not np.isfinite(slope(np.array([-1e5, 1e5]))).all():
    return "<<not_finite>>"
return compare(slope(x), (squash(x + 1e-5) - squash(x - 1e-5)) / 2e-5)
""",
            value_cases,
            tolerance=FINE,
        ),
        Question(
            "saturated",
            4,
            {
                "ko": "`Z`의 모양은 (예제, 유닛)입니다. 어떤 값에서 미분계수 $s'(z)$가 $s'$의 **최댓값**의 `share`배보다 작으면 포화했다고 합니다. <<rule_words>> 포화한 유닛의 비율(0에서 1)을 돌려주세요.",
                "en": "`Z` has shape (examples, units). A value is saturated if the slope $s'(z)$ is less than `share` times the **largest** slope of $s$. Return the share of units, from 0 to 1, that are saturated <<rule_words>>.",
            },
            "saturated(Z, share)",
            """
t = np.tanh(<<pace>> * <<k>> * (Z - (<<m>>)))
stuck = 1 - t * t < share
return np.mean(<<rule>>)
""",
            """
far = saturated(np.full((4, 6), 1e4), 0.5)
near = saturated(np.full((4, 6), <<m>>), 0.5)
return compare([far, near], [1.0, 0.0])
""",
            stuck_cases,
        ),
        Question(
            "layers",
            3,
            {
                "ko": "층마다 기울기에 $s'$이 한 번씩 곱해집니다(가중치는 1이라고 봅니다). $s'$이 언제나 최댓값이라고 해도 기울기가 `eps`보다 작아지는 가장 작은 층의 수를 돌려주세요.",
                "en": "Each layer multiplies the gradient by $s'$ once (take the weights as 1). Return the smallest number of layers at which the gradient is below `eps` even if $s'$ is at its largest everywhere.",
            },
            "layers(eps)",
            """
return int(np.floor(np.log(eps) / np.log(<<top>>))) + 1
""",
            """
n = float(layers(1e-3))
if n != np.floor(n):
    return f"<<whole>>"
top = (squash(np.array(<<m>> + 1e-5)) - squash(np.array(<<m>> - 1e-5))) / 2e-5
return None if top ** n < 1e-3 <= top ** (n - 1) else f"<<deep>>"
""",
            depth_cases,
        ),
    ),
    essay=Essay(
        5,
        {
            "ko": "어떤 층의 유닛이 거의 다 포화했습니다. 학습률을 열 배로 키우면 도움이 될까요? 가중치를 줄이면 어떻게 될까요? 앞의 문제에서 계산한 수를 하나 이상 들어 다섯 문장에서 열 문장으로 답하세요.",
            "en": "Nearly all units of a layer are saturated. Would a learning rate ten times as large help? Would smaller weights? Answer in five to ten sentences and use at least one number from the questions above.",
        },
        {
            "ko": "2점: 학습률을 키워도 미분계수는 그대로이고, 움직이더라도 더 포화할 수 있다고 말한다. 2점: 가중치를 줄이면 z의 퍼짐이 줄어 포화가 풀리지만 거슬러 가는 곱에는 작은 가중치도 들어간다고 말한다. 1점: 계산한 수를 맞게 쓴다.",
            "en": "2: a larger rate leaves the slope as it is and may push units further. 2: smaller weights narrow z and undo saturation, but enter the backward product as small factors. 1: a computed number, rightly used.",
        },
    ),
    wrong=(
        Wrong(
            "squash",
            "return <<B>> + <<A>> * (<<lift>> + <<swing>> * np.tanh(<<pace>> * u))",
            "return <<B>> + <<A>> * (<<naive>>)",
            seen=True,
        ),
        Wrong("squash", "(x - (<<m>>))", "(x + (<<m>>))"),
        Wrong("squash", "<<B>> +", ""),
        Wrong("squash", "<<k>> * (x - (<<m>>))", "<<k>> * x - (<<m>>)"),
        Wrong("slope", "* <<k>> * <<swing>>", "* <<swing>>"),
        Wrong("slope", "(1 - t * t)", "t * (1 - t)"),
        Wrong("slope", "return <<A>> *", "return"),
        Wrong(
            "slope",
            "t = np.tanh(<<pace>> * <<k>> * (x - (<<m>>)))",
            "u = <<k>> * (x - (<<m>>))\nt = (<<naive>> - <<lift>>) / <<swing>>",
            seen=True,
        ),
        Wrong("slope", "return ", "return (squash(x + 1e-5) - squash(x - 1e-5)) / 2e-5\nreturn "),
        Wrong(
            "saturated",
            "1 - t * t < share",
            "<<A>> * <<k>> * <<swing>> * <<pace>> * (1 - t * t) < share",
        ),
        Wrong("saturated", "1 - t * t < share", "1 - t * t < share * (1 - t * t).max()"),
        Wrong("saturated", "np.mean(<<rule>>)", "np.mean(stuck)"),
        Wrong("saturated", "np.mean(<<rule>>)", "1 - np.mean(<<rule>>)"),
        Wrong("layers", " + 1", "", seen=True),
        Wrong(
            "layers",
            "int(np.floor(np.log(eps) / np.log(<<top>>))) + 1",
            "np.log(eps) / np.log(<<top>>) + 0.5",
            seen=True,
        ),
        Wrong("layers", "np.log(<<top>>)", "np.log(0.25 * <<top>>)"),
    ),
    alternatives=(
        {
            "squash": """
u = (np.asarray(x, dtype=float) - (<<m>>)) * <<k>> * 2 * <<pace>>
small = np.exp(-np.abs(u))
logistic = np.where(u < 0, small / (1 + small), 1 / (1 + small))
return <<B>> + <<A>> * (<<lift>> - <<swing>> + 2 * <<swing>> * logistic)
""",
            "slope": """
u = 2 * <<pace>> * <<k>> * (x - (<<m>>))
small = np.exp(-np.abs(u))
return 4 * <<swing>> * <<pace>> * <<A>> * <<k>> * small / (1 + small) ** 2
""",
            "saturated": """
stuck = np.zeros(Z.shape, dtype=bool)
for n in range(Z.shape[0]):
    for j in range(Z.shape[1]):
        stuck[n, j] = np.cosh(<<pace>> * <<k>> * (Z[n, j] - (<<m>>))) ** -2 < share
return sum(bool(u) for u in <<rule>>) / Z.shape[1]
""",
            "layers": """
n, left = 0, 1.0
while not left < eps:
    n, left = n + 1, left * <<top>>
return n
""",
        },
        {
            "squash": """
u = np.clip(<<k>> * (x - (<<m>>)), -300, 300)
return <<A>> * (<<naive>>) + <<B>>
""",
            "slope": """
t = ((squash(x) - (<<B>>)) / <<A>> - <<lift>>) / <<swing>>
return <<A>> * <<k>> * <<swing>> * <<pace>> * (1 - t * t)
""",
            "layers": "return float(np.argmax(<<top>> ** np.arange(1, 2000) < eps) + 1)",
        },
    ),
)
