"""The LSTM: one step, one step back, what the cell carries, and how long it remembers."""

from __future__ import annotations

import itertools

from assignments.topic import FINE, Essay, Question, Topic, Wrong

ORDERS = ["".join(order) for order in itertools.permutations("ifgo")]
CELLS = (  # phi: formula, code, derivative by its value y and argument x
    (r"\tanh x", "np.tanh(x)", "1 - np.tanh(x) ** 2"),
    (r"\frac{x}{1 + |x|}", "x / (1 + np.abs(x))", "(1 + np.abs(x)) ** -2.0"),
    (r"\arctan x", "np.arctan(x)", "1 / (1 + x * x)"),
)
INPUTS = (  # how the input gate is made: words, code from zi and f, back through it
    (
        r"i = \sigma(z_i)", "sigmoid(z['i'])",
        "dzi, more = di * i * (1 - i), 0.0",
    ),
    (
        r"i = \sigma(z_i)\,(1 - f)", "sigmoid(z['i']) * (1 - f)",
        "si = sigmoid(z['i'])\ndzi, more = di * (1 - f) * si * (1 - si), -di * si",
    ),
    (
        r"i = \sigma(z_i) + <<p>>\,f", "sigmoid(z['i']) + <<p>> * f",
        "si = sigmoid(z['i'])\ndzi, more = di * si * (1 - si), <<p>> * di",
    ),
)  # fmt: skip


def draw(rng):
    """The order of the gates, the function of the cell, and how the input gate is coupled."""
    return {
        "order": rng.choice(ORDERS), "cell": rng.randrange(len(CELLS)),
        "input": rng.randrange(len(INPUTS)), "p": rng.choice([0.2, 0.3, 0.4]),
        "left": rng.choice([0.5, 0.25, 0.1, 0.05]),
    }  # fmt: skip


def values(v):
    tex, phi, dphi = CELLS[v["cell"]]
    gate_tex, gate, gate_back = (t.replace("<<p>>", str(v["p"])) for t in INPUTS[v["input"]])
    listed = ", ".join(f"$z_{g}$" for g in v["order"])
    return {
        "tex": tex, "phi": phi, "dphi": dphi, "gate_tex": gate_tex, "gate": gate,
        "gate_back": gate_back, "listed": listed,
    }  # fmt: skip


def arrays(rng, n, d, h):
    shapes = (n, d), (n, h), (n, h), (d, 4 * h), (h, 4 * h), (4 * h,)
    return tuple(rng.normal(size=shape) * 0.8 for shape in shapes)


SIZES = (("ordinary", (4, 3, 2)), ("square", (3, 3, 3)), ("one", (1, 2, 5)))


def step_cases(v, rng):
    return [(kind, arrays(rng, *size)) for kind, size in SIZES]


def back_cases(v, rng):
    cases = []
    for kind, (n, d, h) in SIZES:
        up = rng.normal(size=(n, h)), rng.normal(size=(n, h))
        cases.append((kind, (*arrays(rng, n, d, h), *up)))
    return cases


def carry_cases(v, rng):
    sizes = (("ordinary", (5, 3)), ("one", (1, 4)), ("long", (30, 2)))
    return [(kind, (rng.uniform(0.3, 0.99, size=size),)) for kind, size in sizes]


def memory_cases(v, rng):
    return [("ordinary", (float(b),)) for b in rng.uniform(-1, 6, 8)]


FORWARD = """
n = h.shape[1]
Z = x @ Wx + h @ Wh + b
z = {gate: Z[:, k * n : (k + 1) * n] for k, gate in enumerate("<<order>>")}
f, o, g = sigmoid(z["f"]), sigmoid(z["o"]), phi(z["g"])
i = <<gate>>
new = f * c + i * g
"""

TOPIC = Topic(
    name="lstm",
    chapters=("17-lstm",),
    minutes=90,
    title={"ko": "LSTM", "en": "The LSTM"},
    objectives={
        "ko": [
            "LSTM 한 단계를 계산하기",
            "한 단계를 거슬러 가고 셀을 지나는 길을 찾기",
            "망각 게이트가 기울기를 얼마나 오래 나르는지 계산하기",
        ],
        "en": [
            "compute one step of an LSTM",
            "go one step back, and find the path along the cell",
            "compute for how long the forget gate carries a gradient",
        ],
    },
    intro={
        "ko": r"""이 과제의 LSTM은 책의 것과 조금 다릅니다. $z = xW_x + hW_h + b$를 같은 너비로 넷으로 나누면 차례로 <<listed>>이고,

$$f = \sigma(z_f), \quad o = \sigma(z_o), \quad g = \varphi(z_g), \quad <<gate_tex>>,$$
$$c' = f\,c + i\,g, \qquad h' = o\,\varphi(c'), \qquad \varphi(x) = <<tex>>$$

입니다. `x`의 모양은 (N, D), `h`와 `c`는 (N, H), `Wx`는 (D, 4H), `Wh`는 (H, 4H), `b`는 (4H,)입니다.""",
        "en": r"""The LSTM of this assignment differs a little from the book's. Split $z = xW_x + hW_h + b$ into four parts of equal width; in order, they are <<listed>>, and

$$f = \sigma(z_f), \quad o = \sigma(z_o), \quad g = \varphi(z_g), \quad <<gate_tex>>,$$
$$c' = f\,c + i\,g, \qquad h' = o\,\varphi(c'), \qquad \varphi(x) = <<tex>>.$$

`x` has shape (N, D), `h` and `c` (N, H), `Wx` (D, 4H), `Wh` (H, 4H), and `b` (4H,).""",
    },
    draw=draw,
    values=values,
    says={
        "split": {
            "ko": "z의 네 부분 가운데 {gate}의 것만 50일 때 c'이나 h'이 맞지 않습니다. 네 부분의 순서가 맞나요?",
            "en": "c' or h' is wrong where, of the four parts of z, that of {gate} alone is 50: are they in the right order?",
        },
    },
    given="def sigmoid(x):\n    return 0.5 + 0.5 * np.tanh(0.5 * x)\n\n\ndef phi(x):\n    return <<phi>>\n",
    questions=(
        Question(
            "step",
            4,
            {
                "ko": "한 단계를 계산해 $(h', c')$를 돌려주세요. `sigmoid`와 `phi`는 위의 셀에서 쓸 수 있습니다.",
                "en": "Compute one step and return $(h', c')$. `sigmoid` and `phi` are there for you to use.",
            },
            "step(x, h, c, Wx, Wh, b)",
            FORWARD + "return o * phi(new), new\n",
            """
x, h, c = np.zeros((2, 3)), np.zeros((2, 2)), np.array([[1.0, -2.0], [0.5, 3.0]])
Wx, Wh, b = np.zeros((3, 8)), np.zeros((2, 8)), np.zeros(8)
h1, c1 = step(x, h, c, Wx, Wh, b)
wrong = compare(c1, c / 2) or compare(h1, phi(c / 2) / 2)
if wrong:
    return wrong
for k, gate in enumerate("<<order>>"):
    h1, c1 = step(x, h, c, Wx, Wh, np.repeat(50.0 * (np.arange(4) == k), 2))
    moved = compare(c1, c if gate == "f" else c / 2) is not None
    if moved != (gate == "g") or compare(h1, phi(c1) if gate == "o" else phi(c1) / 2):
        return f"<<split>>"
""",
            step_cases,
        ),
        Question(
            "back",
            5,
            {
                "ko": r"`dh`는 $\partial L/\partial h'$, `dc`는 $L$이 $c'$에 **직접** 의존하는 몫입니다($h'$을 거치는 몫은 빠져 있습니다). $(\partial L/\partial c,\ \partial L/\partial z)$를 돌려주세요. $\partial L/\partial z$의 모양은 (N, 4H)이고 순서는 $z$와 같습니다.",
                "en": r"`dh` is $\partial L/\partial h'$, and `dc` is the part in which $L$ depends on $c'$ **directly** (the part through $h'$ is not in it). Return $(\partial L/\partial c,\ \partial L/\partial z)$; the second has shape (N, 4H) and the order of $z$.",
            },
            "back(x, h, c, Wx, Wh, b, dh, dc)",
            """
def dphi(x):
    return <<dphi>>
"""
            + FORWARD
            + """
dnew = dc + dh * o * dphi(new)
di = dnew * g
<<gate_back>>
dz = {
    "i": dzi,
    "f": (dnew * c + more) * f * (1 - f),
    "g": dnew * i * dphi(z["g"]),
    "o": dh * phi(new) * o * (1 - o),
}
return dnew * f, np.hstack([dz[gate] for gate in "<<order>>"])
""",
            """
rng = np.random.default_rng(14)
x, h, c = rng.normal(size=(2, 3)), rng.normal(size=(2, 2)), rng.normal(size=(2, 2))
Wx, Wh, b = rng.normal(size=(3, 8)), rng.normal(size=(2, 8)), rng.normal(size=8)
dh, dc = rng.normal(size=(2, 2)), rng.normal(size=(2, 2))
def loss(c, b):
    h1, c1 = step(x, h, c, Wx, Wh, b)
    return np.sum(dh * h1) + np.sum(dc * c1)
dc0, dz = back(x, h, c, Wx, Wh, b, dh, dc)
return compare(dc0, numeric(lambda a: loss(a, b), c)) or compare(np.sum(dz, axis=0), numeric(lambda a: loss(c, a), b))
""",
            back_cases,
            tolerance=FINE,
        ),
        Question(
            "carry",
            3,
            {
                "ko": r"`F`의 모양은 (T, H)이고 단계 $1, \dots, T$의 망각 게이트입니다. 게이트가 상태에 의존하는 길은 빼고, 셀을 곧장 지나는 길만 볼 때의 $\partial c_T/\partial c_t$를 $t = 0, \dots, T$에 대해 모양 (T+1, H)로 돌려주세요.",
                "en": r"`F`, of shape (T, H), holds the forget gates of the steps $1, \dots, T$. Taking only the path straight along the cell (not those on which gates depend on the state), return $\partial c_T/\partial c_t$ for $t = 0, \dots, T$, of shape (T+1, H).",
            },
            "carry(F)",
            """
return np.vstack([np.cumprod(F[::-1], axis=0)[::-1], np.ones((1, F.shape[1]))])
""",
            """
F = np.full((4, 2), 0.5)
a = carry(F)
if np.shape(a) != (5, 2):
    return compare(a, np.zeros((5, 2)))
return compare(a[-1], [1.0, 1.0]) or compare(carry(F[:2]), a[2:])
""",
            carry_cases,
        ),
        Question(
            "memory",
            3,
            {
                "ko": r"망각 게이트가 언제나 $\sigma(b)$일 때, 셀을 곧장 지나는 기울기가 처음의 $<<left>>$배가 되는 단계의 수를 실수로 돌려주세요.",
                "en": r"If the forget gate is always $\sigma(b)$, after how many steps (a real number) is the gradient straight along the cell $<<left>>$ times what it was?",
            },
            "memory(b)",
            """
return np.log(<<left>>) / -np.log1p(np.exp(-b))
""",
            """
steps = memory(1.5)
return compare(carry(np.full((1, 1), sigmoid(1.5)))[0] ** steps, [<<left>>])
""",
            memory_cases,
        ),
    ),
    essay=Essay(
        5,
        {
            "ko": "망각 게이트의 편향을 0으로 시작할 때와 3으로 시작할 때 100단계 전의 입력을 배울 수 있을까요? `memory`로 계산한 수를 들어, 셀을 곧장 지나는 길과 게이트를 지나는 길을 나누어 다섯 문장에서 열 문장으로 설명하세요.",
            "en": "Can the network learn about an input 100 steps ago if the bias of the forget gate starts at 0, or at 3? Use numbers from `memory`, tell the path along the cell from those through the gates, and write five to ten sentences.",
        },
        {
            "ko": "2점: 두 편향에서 남는 비율이나 단계 수를 계산한다. 2점: 셀을 곧장 지나는 길에는 행렬이 없고 게이트를 지나는 길에는 W_h가 곱해진다. 1점: 시작이 그렇다는 것이며 학습하면서 게이트가 바뀔 수 있다고 말한다.",
            "en": "2: computes what is left, or the steps, for both biases. 2: no matrix on the path along the cell, W_h on the others. 1: this is the start; training can move the gates.",
        },
    ),
    wrong=(
        Wrong("step", "f * c + i * g", "f * c + g"),
        Wrong("step", '"<<order>>"', '"<<order>>"[::-1]', seen=True),
        Wrong("step", '"<<order>>"', '"<<order>>".translate(str.maketrans("ig", "gi"))', seen=True),
        Wrong("step", "o * phi(new), new", "o * new, new"),
        Wrong("step", " + h @ Wh", ""),
        Wrong("step", "f * c + i * g", "o * c + i * g"),
        Wrong("back", "dc + dh * o * dphi(new)", "dc"),
        Wrong("back", "dc + dh * o * dphi(new)", "dc + dh * o"),
        Wrong("back", "* f * (1 - f)", ""),
        Wrong("back", 'i * dphi(z["g"])', 'dphi(z["g"])'),
        Wrong("back", "return dnew * f,", "return dnew,"),
        Wrong(
            "back",
            "di = dnew * g",
            """
def loss(row, c, b):
    h1, c1 = step(x[[row]], h[[row]], c, Wx, Wh, b)
    return np.sum(dh[row] * h1) + np.sum(dc[row] * c1)
rows = range(len(x))
return (
    np.vstack([numeric(lambda a: loss(row, a, b), c[[row]]) for row in rows]),
    np.vstack([numeric(lambda a: loss(row, c[[row]], a), b) for row in rows]),
)
""",
        ),
        Wrong("carry", "np.cumprod(F[::-1], axis=0)[::-1]", "np.cumprod(F, axis=0)"),
        Wrong("carry", "np.ones((1, F.shape[1]))", "F[-1:]"),
        Wrong("memory", "-np.log1p(np.exp(-b))", "-np.log1p(np.exp(b))"),
        Wrong(
            "memory",
            "np.log(<<left>>) / -np.log1p(np.exp(-b))",
            "(1 - <<left>>) * (1 + np.exp(-b))",
        ),
    ),
    alternatives=(
        {
            "step": """
Z = np.concatenate([x, h], axis=1) @ np.concatenate([Wx, Wh]) + b
z = dict(zip("<<order>>", np.split(Z, 4, axis=1)))
f = 1 / (1 + np.exp(-z["f"]))
i = <<gate>>
c *= f
c += i * phi(z["g"])
return [phi(c) / (1 + np.exp(-z["o"])), c]
""",
            "back": """
def dphi(x):
    return <<dphi>>

H = h.shape[1]
cols = {gate: slice(k * H, k * H + H) for k, gate in enumerate("<<order>>")}
dz, dprev = np.zeros((len(x), 4 * H)), np.zeros_like(c)
for row in range(len(x)):
    full = x[row] @ Wx + h[row] @ Wh + b
    z = {gate: full[s] for gate, s in cols.items()}
    f = sigmoid(z["f"])
    o, g = sigmoid(z["o"]), phi(z["g"])
    i = <<gate>>
    cell = c[row] * f + g * i
    up = dh[row] * o * dphi(cell) + dc[row]
    di = up * g
    <<gate_back>>
    dz[row, cols["i"]] = dzi
    dz[row, cols["f"]] = (up * c[row] + more) * f * (1 - f)
    dz[row, cols["g"]] = up * i * dphi(z["g"])
    dz[row, cols["o"]] = dh[row] * phi(cell) * o * (1 - o)
    dprev[row] = up * f
return dprev, dz
""",
            "carry": """
out = np.ones((len(F) + 1, F.shape[1]))
for t in range(len(F) - 1, -1, -1):
    out[t] = out[t + 1] * F[t]
return out
""",
            "memory": "return float(np.log(<<left>>) / np.log(sigmoid(b)))",
        },
        {
            "carry": """
return np.array([F[t:].prod(axis=0) for t in range(len(F) + 1)])
""",
            "memory": """
import math
return math.log(1 / (<<left>>)) / math.log(1 + math.exp(-b))
""",
        },
    ),
)
