"""The gradient check and training: difference quotients, relative errors, clipping, an optimiser."""

from __future__ import annotations

import numpy as np

from assignments.topic import Essay, Question, Source, Topic, Wrong

NORM = {
    "ko": "노름은 모든 성분에 대한 유클리드 노름이고, ",
    "en": "with the Euclidean norm over all components, and",
}
PLAIN = {"ko": "여기서 ", "en": "where"}
ERRORS = (  # formula, more about it, code (0 / 0 is 0), the error of (3, 4) and (0, 4)
    (
        r"\max_i \frac{|a_i - b_i|}{|a_i| + |b_i|}",
        PLAIN,
        "size = np.abs(a) + np.abs(b)\nreturn np.max(np.abs(a - b) / np.where(size == 0, 1, size))",
        1.0,
    ),
    (
        r"\frac{\lVert a - b\rVert}{\lVert a\rVert + \lVert b\rVert}",
        NORM,
        "size = np.sqrt(np.sum(a * a)) + np.sqrt(np.sum(b * b))\nreturn np.sqrt(np.sum((a - b) ** 2)) / (size or 1.0)",
        1 / 3,
    ),
    (
        r"\frac{\max_i |a_i - b_i|}{\max(\max_i |a_i|,\ \max_i |b_i|)}",
        PLAIN,
        "size = max(np.max(np.abs(a)), np.max(np.abs(b)))\nreturn np.max(np.abs(a - b)) / (size or 1.0)",
        0.75,
    ),
)
NORMS = (  # words, code from the list `grads`
    (
        {
            "ko": "모든 배열의 모든 성분을 하나로 이은 벡터의 유클리드 노름이라고",
            "en": "the Euclidean norm of all components of all arrays, put into one vector",
        },
        "np.sqrt(sum(np.sum(g * g) for g in grads))",
    ),
    (
        {
            "ko": "모든 배열의 모든 성분 가운데 가장 큰 절댓값이라고",
            "en": "the largest absolute value of any component of any array",
        },
        "max(np.max(np.abs(g)) for g in grads)",
    ),
    (
        {
            "ko": "배열마다 구한 유클리드 노름 가운데 가장 큰 것이라고",
            "en": "the largest of the Euclidean norms of the single arrays",
        },
        "max(np.sqrt(np.sum(g * g)) for g in grads)",
    ),
)
RULES = (  # formulas, one step of code from g, with the state v
    (
        r"v \leftarrow <<m>>\,v + g, \qquad w \leftarrow w - \eta\,v",
        "v = <<m>> * v + g\nw = w - lr * v",
    ),
    (
        r"v \leftarrow <<m>>\,v + (1 - <<m>>)\,g, \qquad w \leftarrow w - \eta\,v",
        "v = <<m>> * v + (1 - <<m>>) * g\nw = w - lr * v",
    ),
    (
        r"v \leftarrow <<m>>\,v + g, \qquad w \leftarrow w - \eta\,(g + <<m>>\,v)",
        "v = <<m>> * v + g\nw = w - lr * (g + <<m>> * v)",
    ),
    (
        r"v \leftarrow <<m>>\,v + (1 - <<m>>)\,g^2, \qquad w \leftarrow w - \eta\,\frac{g}{\sqrt{v} + <<eps>>}",
        "v = <<m>> * v + (1 - <<m>>) * g * g\nw = w - lr * g / (np.sqrt(v) + <<eps>>)",
    ),
)
FUNCTIONS = (
    "lambda x: float(np.sum(np.sin(x) * np.exp(0.3 * x)))",
    "lambda x: float(np.sum(x ** 3) - np.prod(np.cos(x)))",
    "lambda x: float(np.log(np.sum(np.exp(x))))",
    "lambda x: float(np.sum(np.tanh(x) * x[::-1]))",
)


def draw(rng):
    """A definition of the error, a norm, a rule of training, and constants."""
    return {
        "error": rng.randrange(len(ERRORS)), "norm": rng.randrange(len(NORMS)),
        "rule": rng.randrange(len(RULES)), "h": rng.choice([1e-4, 2e-4, 4e-4, 5e-4]),
        "m": rng.choice([0.6, 0.7, 0.8, 0.9]), "eps": rng.choice([0.01, 0.02, 0.05]),
        "decay": rng.choice([0.01, 0.02, 0.03]),
    }  # fmt: skip


def values(v):
    constants = {"<<m>>": str(v["m"]), "<<eps>>": str(v["eps"])}

    def filled(text):
        for name, value in constants.items():
            text = text.replace(name, value)
        return text

    error_tex, error_words, error, error_at = ERRORS[v["error"]]
    norm_words, norm = NORMS[v["norm"]]
    rule_tex, rule = map(filled, RULES[v["rule"]])
    return {
        "error_tex": error_tex, "error_words": error_words, "error": error, "error_at": error_at, "norm_words": norm_words, "norm": norm,
        "rule_tex": rule_tex, "rule": rule,
    }  # fmt: skip


def quotient_cases(v, rng):
    cases = [("ordinary", (Source(text), rng.normal(size=5))) for text in FUNCTIONS]
    cases.append(("matrix", (Source(FUNCTIONS[0]), rng.normal(size=(2, 3)))))
    return cases


def error_cases(v, rng):
    a = rng.normal(size=(3, 4))
    b = a + rng.normal(size=(3, 4)) * 0.01
    zeros = a.copy(), b.copy()
    for z in zeros:
        z[0, 0] = 0.0
    return [
        ("matrix", (a, b)),
        ("ordinary", (rng.normal(size=6), rng.normal(size=6))),
        ("small", (a * 1e-9, b * 1e-9)),
        ("zero", zeros),
        ("zero", (np.zeros(3), np.zeros(3))),
    ]


def clip_cases(v, rng):
    grads = tuple(rng.normal(size=shape) for shape in ((3, 4), (4,), (2, 2)))
    small = tuple(0.001 * g for g in grads)
    return [("ordinary", (grads, 0.7)), ("ordinary", (grads, 0.11)), ("small", (small, 0.5))]


def train_cases(v, rng):
    return [
        (kind, (rng.normal(size=d), rng.normal(size=(t, d)), float(rng.uniform(0.02, 0.2))))
        for kind, t, d in (("one", 1, 3), ("ordinary", 6, 4), ("long", 60, 2))
    ]


TOPIC = Topic(
    name="training",
    chapters=("18-exploding-gradients", "19-training-in-practice"),
    minutes=75,
    title={"ko": "기울기 검사와 학습", "en": "The gradient check and training"},
    objectives={
        "ko": [
            "중심 차분으로 기울기를 검사하기",
            "기울기의 노름을 자르기",
            "최적화 규칙을 식에서 코드로 옮기기",
        ],
        "en": [
            "check a gradient by central differences",
            "clip the norm of gradients",
            "turn the formula of an optimiser into code",
        ],
    },
    intro={
        "ko": "학습 코드에서 눈에 잘 띄지 않게 틀리는 네 곳을 직접 써 봅니다.",
        "en": "Four places in which training code goes wrong without anybody noticing: write them yourself.",
    },
    draw=draw,
    values=values,
    says={
        "step": {
            "ko": "`f`를 부른 점들이 x에서 가장 멀게는 {max(seen):.3g}만큼 떨어져 있습니다. 간격이 h인가요?",
            "en": "`f` is asked at points up to {max(seen):.3g} away from x: is that the step h?",
        },
        "limited": {
            "ko": "모든 배열이 {ratio:.3g}배가 되었는데, 그러면 노름이 `limit`가 되지 않습니다",
            "en": "all arrays are multiplied by {ratio:.3g}, which does not bring the norm to `limit`",
        },
    },
    questions=(
        Question(
            "quotient",
            4,
            {
                "ko": "함수 `f`는 배열을 받아 수 하나를 돌려줍니다. 배열 `x`에서 `f`의 기울기를 **중심 차분**으로, 간격 $h = <<h>>$로 어림해 `x`와 같은 모양으로 돌려주세요.",
                "en": "The function `f` takes an array and returns a number. Estimate its gradient at the array `x` by **central differences** with step $h = <<h>>$, and return it in the shape of `x`.",
            },
            "quotient(f, x)",
            """
slopes = np.zeros(x.shape)
for i in np.ndindex(*x.shape):
    up, down = x.copy(), x.copy()
    up[i] += <<h>>
    down[i] -= <<h>>
    slopes[i] = (f(up) - f(down)) / (2 * <<h>>)
return slopes
""",
            """
x = np.array([[0.3, -1.0], [2.0, 0.7]])
seen = []
def square(a):
    seen.append(np.abs(a - x).max())
    return float(np.sum(a**2))
return compare(quotient(square, x.copy()), 2 * x) or (None if np.isclose(max(seen), <<h>>) else f"<<step>>")
""",
            quotient_cases,
            tolerance=1e-8,
        ),
        Question(
            "error",
            3,
            {
                "ko": r"두 기울기 $a$와 $b$의 상대 오차를 다음과 같이 정의합니다. $$<<error_tex>>$$ <<error_words>>$0/0$은 0입니다. 모양이 같은 배열 `a`, `b`에 대해 이 수를 돌려주세요.",
                "en": r"Define the relative error of two gradients $a$ and $b$ as $$<<error_tex>>$$ <<error_words>> $0/0 = 0$. Return this number for arrays `a` and `b` of the same shape.",
            },
            "error(a, b)",
            "<<error>>",
            """
a = np.array([1.0, -2.0, 0.0])
return compare(error(a, a), 0.0) or compare(error(a, 1.1 * a), error(5 * a, 5.5 * a)) or compare(error(0 * a, 0 * a), 0.0) or compare(error(a, 0 * a), 1.0) or compare(error(np.array([3.0, 4.0]), np.array([0.0, 4.0])), <<error_at>>)
""",
            error_cases,
        ),
        Question(
            "clip",
            4,
            {
                "ko": "`grads`는 기울기 배열 여러 개의 튜플입니다. 노름을 <<norm_words>> 합시다. 노름이 `limit`보다 크면 노름이 `limit`가 되도록 **모든** 배열에 같은 수를 곱하고, 아니면 그대로 둔 배열들의 튜플을 돌려주세요.",
                "en": "`grads` is a tuple of gradient arrays. Let the norm be <<norm_words>>. If it is greater than `limit`, multiply **all** arrays by one number so that it becomes `limit`; otherwise leave them. Return the tuple of arrays.",
            },
            "clip(grads, limit)",
            """
norm = <<norm>>
factor = min(1.0, limit / norm)
return tuple(factor * g for g in grads)
""",
            """
grads = (np.array([3.0, -4.0]), np.array([[1.0]]))
a, b = clip(tuple(g.copy() for g in grads), 0.5)
same = clip(tuple(g.copy() for g in grads), 100.0)
ratio = a[0] / 3
return compare(a, ratio * grads[0]) or compare(b, ratio * grads[1]) or compare(same[0], grads[0]) or (None if 0.05 < ratio < 0.2 else f"<<limited>>")
""",
            clip_cases,
        ),
        Question(
            "train",
            4,
            {
                "ko": r"""`G`의 모양은 (T, D)이고 단계마다 구한 손실의 기울기입니다. 각 단계에서 먼저 가중치 감쇠를 더해 $g = G_t + <<decay>>\,w$로 놓고,

$$<<rule_tex>>$$

로 갱신합니다($v$는 0에서 시작하고 제곱과 나눗셈은 성분마다 합니다). $\eta$는 `lr`입니다. `w`에서 출발해 T단계 뒤의 $w$를 돌려주세요.""",
                "en": r"""`G`, of shape (T, D), holds the gradient of the loss at each step. In each step first add weight decay, $g = G_t + <<decay>>\,w$, then update

$$<<rule_tex>>$$

($v$ starts at 0; squares and quotients are taken component by component). $\eta$ is `lr`. Starting from `w`, return $w$ after all T steps.""",
            },
            "train(w, G, lr)",
            """
v = np.zeros_like(w)
for row in G:
    g = row + <<decay>> * w
    <<rule>>
return w
""",
            """
w = np.array([1.0, -2.0, 0.5])
G = np.random.default_rng(15).normal(size=(4, 3))
part = train(w[:2].copy(), G[:, :2], 0.1)
whole = train(w.copy(), G, 0.1)
still = train(w.copy(), G, 0.0)
return compare(still, w) or compare(part, whole[:2]) or compare(train(np.zeros(2), np.zeros((3, 2)), 0.1), np.zeros(2))
""",
            train_cases,
        ),
    ),
    essay=Essay(
        5,
        {
            "ko": "기울기 검사의 상대 오차가 층마다 $10^{-9}$인데 한 층만 $0.2$입니다. 버그일까요, ReLU의 꺾인 점일까요, 아니면 간격 $h$ 탓일까요? 셋을 가려낼 실험을 하나씩 제안하고 어떤 결과가 나와야 하는지 다섯 문장에서 열 문장으로 쓰세요.",
            "en": "In a gradient check all layers have a relative error of $10^{-9}$, but one has $0.2$. A bug, a corner of a ReLU, or the step $h$? Propose one experiment for each that would tell them apart, and say what should come out. Five to ten sentences.",
        },
        {
            "ko": "1점: 버그라면 h와 입력을 바꾸어도 오차가 남는다. 2점: 꺾인 점이라면 h를 줄이거나 다른 입력에서 사라진다. 2점: h 탓이라면 h에 따라 h²이나 1/h로 변한다.",
            "en": "1: a bug stays whatever h and the inputs are. 2: a corner goes away with smaller h or at other inputs. 2: an error from h changes with it, as h squared or as 1/h.",
        },
    ),
    wrong=(
        Wrong("quotient", "(f(up) - f(down)) / (2 * <<h>>)", "(f(up) - f(x)) / <<h>>"),
        Wrong("quotient", "/ (2 * <<h>>)", "/ <<h>>"),
        Wrong(
            "quotient",
            "slopes = np.zeros(x.shape)",
            "return numeric(f, x, 10 * <<h>>)\nslopes = 0 * x",
            seen=True,
        ),
        Wrong("quotient", "f(up) - f(down)", "f(down) - f(up)"),
        Wrong("error", "<<error>>", "return np.max(np.abs(a - b))"),
        Wrong(
            "error", "<<error>>", "return np.mean(np.abs(a - b) / (np.abs(a) + np.abs(b) + 1e-12))"
        ),
        Wrong(
            "error",
            "<<error>>",
            "return np.sqrt(np.sum((a - b) ** 2)) / (np.sqrt(np.sum(a * a)) + 1e-8)",
            seen=True,
        ),
        Wrong("clip", "min(1.0, limit / norm)", "limit / norm"),
        Wrong("clip", "min(1.0, limit / norm)", "min(1.0, limit / norm**2)", seen=True),
        Wrong(
            "clip",
            "tuple(factor * g for g in grads)",
            "tuple(np.clip(g, -limit, limit) for g in grads)",
        ),
        Wrong("clip", "tuple(factor * g for g in grads)", "(factor * grads[0], *grads[1:])"),
        Wrong("train", "row + <<decay>> * w", "row"),
        Wrong("train", "row + <<decay>> * w", "row - <<decay>> * w"),
        Wrong("train", "    <<rule>>\n", "    w = w - lr * g\n"),
        Wrong("train", "for row in G:", "for row in G[::-1]:"),
    ),
    alternatives=(
        {
            "quotient": """
flat = np.array(x, dtype=float).ravel()
out = []
for step in <<h>> * np.eye(flat.size):
    out.append(0.5 * (f((flat + step).reshape(x.shape)) - f((flat - step).reshape(x.shape))) / <<h>>)
return np.reshape(out, x.shape)
""",
            "error": """
a, b = np.ravel(a), np.ravel(b)
if not (a.any() or b.any()):
    return 0
with np.errstate(all="ignore"):
    def inner(a, b):
        <<error>>
    return inner(a, b)
""",
            "clip": """
grads = [np.array(g) for g in grads]
norm = <<norm>>
if norm > limit:
    for g in grads:
        g *= limit / norm
return grads
""",
            "train": """
def one(w, column):
    v = 0.0
    for step in column:
        g = float(step) + w * <<decay>>
        <<rule>>
    return w

return [one(w[j], G[:, j]) for j in range(len(w))]
""",
        },
        {
            "clip": """
norm = <<norm>>
if norm <= limit:
    return grads
return tuple(g / norm * limit for g in grads)
""",
            "train": """
v = 0
for t in range(G.shape[0]):
    g = w * <<decay>>
    g += G[t]
    <<rule>>
return np.array(w)
""",
        },
    ),
)
