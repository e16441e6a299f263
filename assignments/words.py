"""What assignments, feedback and report say, in both languages, by key."""

from __future__ import annotations

# The kinds of hidden inputs, as `case` labels: enough to look for the error, without the numbers.
KINDS = {
    "ordinary": {"ko": "보통의 입력", "en": "ordinary inputs"},
    "large": {"ko": "절댓값이 큰 입력", "en": "inputs of large magnitude"},
    "small": {"ko": "절댓값이 아주 작은 입력", "en": "inputs of tiny magnitude"},
    "matrix": {"ko": "행렬 입력", "en": "a matrix as input"},
    "scalar": {"ko": "수 하나인 입력", "en": "a single number as input"},
    "zero": {"ko": "0이 든 입력", "en": "inputs with a zero"},
    "square": {"ko": "행과 열의 수가 같은 입력", "en": "inputs with as many rows as columns"},
    "one": {"ko": "예제가 하나인 입력", "en": "a single example"},
    "edge": {"ko": "경계에 있는 입력", "en": "inputs on the edge between two cases"},
    "constant": {"ko": "값이 모두 같은 입력", "en": "inputs that are all equal"},
    "long": {"ko": "여러 단계를 거치는 입력", "en": "many steps"},
}

# What is said about a question: {} are filled in.
SAID = {
    "ok": {"ko": "맞았습니다.", "en": "Correct."},
    "missing": {
        "ko": "이런 이름의 함수가 없습니다: `{question}`. 셀을 지웠거나 이름을 바꾸었거나, 그 셀이 실행되지 않았습니다.{cells}",
        "en": "There is no function `{question}`: its cell was deleted or renamed, or did not run.{cells}",
    },
    "unread": {
        "ko": "읽을 수 있는 노트북이 없어 채점하지 못했습니다(위 알림을 보세요).",
        "en": "Not graded: no notebook could be read (see above).",
    },
    "nothing": {
        "ko": "아무것도 돌려주지 않습니다({kind}). `return`이 있나요?",
        "en": "Returns nothing ({kind}): is there a `return`?",
    },
    "placeholder": {"ko": "아직 답하지 않았습니다.", "en": "Not answered."},
    "error": {
        "ko": "오류로 멈춥니다({kind}): {error}",
        "en": "Stops with an error ({kind}): {error}",
    },
    "slow": {
        "ko": "정해진 시간 안에 끝나지 않습니다({kind}).",
        "en": "Does not finish in the time allowed ({kind}).",
    },
    "time": {
        "ko": "노트북을 실행하는 시간이 다 되어 이 문제까지 오지 못했습니다. 끝나지 않는 반복문이 없는지 보세요.",
        "en": "The time for the whole notebook was over before this question; look for a loop without an end.",
    },
    "output": {
        "ko": "출력이나 결과가 너무 많아 노트북을 멈추었습니다.",
        "en": "The notebook was stopped because it produced too much output.",
    },
    "gone": {
        "ko": "이 문제를 채점하기 전에 파이썬이 끝났습니다(스스로 끝냈거나 메모리나 시간의 한도를 넘었습니다).",
        "en": "Python ended before this question was graded: it was told to, or met the limit of memory or time.",
    },
    "silent": {"ko": "답이 돌아오지 않았습니다.", "en": "No answer came back."},
    "not_numbers": {
        "ko": "수가 아닌 것을 돌려줍니다({kind}).",
        "en": "Returns something that is not numbers ({kind}).",
    },
    "parts": {
        "ko": "값 {expected}개를 돌려주어야 하는데 {given}개를 돌려줍니다.",
        "en": "Should return {expected} values, but returns {given}.",
    },
    "shape": {
        "ko": "결과의 모양이 {expected}이어야 하는데 {given}입니다({kind}).",
        "en": "The result should have shape {expected}, but has {given} ({kind}).",
    },
    "not_finite": {
        "ko": "NaN이나 무한대가 나옵니다({kind}).",
        "en": "Gives NaN or infinity ({kind}).",
    },
    "transposed": {"ko": "행과 열이 뒤바뀌었습니다({kind}).", "en": "Is transposed ({kind})."},
    "factor": {
        "ko": "맞는 값의 {factor}배입니다({kind}).",
        "en": "Is {factor} times the correct value ({kind}).",
    },
    "digits": {
        "ko": "앞의 다섯 자리쯤만 맞습니다({kind}). float32로 계산했거나, 차분을 썼거나, 차분의 간격이 다르지 않나요?",
        "en": "Is right to about five digits only ({kind}): float32, a difference quotient, or another step h?",
    },
    "differs": {
        "ko": "값이 다릅니다({kind}, 원소 가운데 {share}).",
        "en": "Has wrong values ({kind}, {share} of the entries).",
    },
    "distribution": {
        "ko": "뽑은 수의 분포가 요구한 것과 다릅니다: {what}({kind}).",
        "en": "The numbers drawn do not follow the distribution asked for: {what} ({kind}).",
    },
}
PART = {"ko": "{part}번째 값: ", "en": "Value {part} of those returned: "}

# Words of the pages.
PAGE = {
    "feedback": {"ko": "채점 결과", "en": "Feedback"},
    "report": {"ko": "반 전체 보고서", "en": "Report on the class"},
    "points": {"ko": "점수", "en": "Points"},
    "question": {"ko": "문제", "en": "Question"},
    "comment": {"ko": "의견", "en": "Comment"},
    "written": {"ko": "글로 답하기", "en": "In words"},
    "waiting": {"ko": "아직 채점하지 않았습니다.", "en": "Not graded yet."},
    "so_far": {"ko": "지금까지 {points} / {maximum}", "en": "{points} / {maximum} so far"},
    "by_hand": {
        "ko": "점수는 사람이 직접 매겼습니다. 자동 채점의 결과는 다음과 같습니다.",
        "en": "The points were given by hand. What the automatic grading found:",
    },
    "notes": {"ko": "알림", "en": "Notes"},
    "submissions": {"ko": "제출 {n}건", "en": "{n} submissions"},
    "nothing": {
        "ko": "내지 않은 학생 {n}명: {names}",
        "en": "Not handed in by {n}: {names}",
    },
    "ungraded": {
        "ko": "채점하지 못한 제출물 {n}건: {names}",
        "en": "Collected but not graded, {n}: {names}",
    },
    "distribution": {
        "ko": "점수 분포 (글로 쓴 답은 빼고)",
        "en": "Distribution of points, without the written answers",
    },
    "share": {"ko": "맞은 비율", "en": "Share correct"},
    "common": {"ko": "가장 흔한 틀린 답", "en": "The commonest wrong answers"},
    "times": {"ko": "{n}명", "en": "{n}×"},
    "identical": {"ko": "같은 제출물", "en": "Identical submissions"},
    "identical_text": {
        "ko": "변수 이름과 주석, 줄 모양을 빼면 코드가 같거나 글로 쓴 답이 같은 제출물입니다. 짧고 맞은 답은 우연히 같을 수 있으니 직접 읽어 보고 판단하세요.",
        "en": "Code that is the same but for names of variables, comments and layout, or the same written answer. Short correct answers may agree by chance: read them before you judge.",
    },
    "same_code": {"ko": "코드가 같음", "en": "same code"},
    "same_text": {"ko": "글이 같음", "en": "same text"},
    "none": {"ko": "없습니다.", "en": "None."},
    "students": {"ko": "학생별", "en": "By student"},
    "count": {"ko": "학생 수", "en": "Students"},
    "by_question": {"ko": "문제별", "en": "By question"},
    "student": {"ko": "학생", "en": "Student"},
    "line": {"ko": "한 줄 요약", "en": "In one line"},
}

# Where a cell is: by the questions that it answers, or by its place among all code cells.
WHERE = {
    "questions": {"ko": "`{names}` 문제의 셀", "en": "The cell of `{names}`"},
    "number": {"ko": "노트북의 {number}번째 코드 셀", "en": "Code cell {number} of the notebook"},
}

# What is said about a whole submission.
NOTES = {
    "cell": {
        "ko": "{where}이 오류로 멈췄습니다: {error}",
        "en": "{where} stopped with an error: {error}",
    },
    "cell_slow": {
        "ko": "{where}이 {seconds}초 안에 끝나지 않아 멈추었습니다.",
        "en": "{where} did not finish within {seconds} s and was stopped.",
    },
    "not_json": {
        "ko": "노트북 파일이 깨져 있어 읽을 수 없습니다.",
        "en": "The file is not a notebook that can be read.",
    },
    "empty": {"ko": "빈 파일입니다.", "en": "The file is empty."},
    "too_large": {
        "ko": "파일이 너무 큽니다(풀었을 때 {limit} MB를 넘습니다).",
        "en": "The file is too large (more than {limit} MB unpacked).",
    },
    "link": {
        "ko": "파일이 아니라 심볼릭 링크여서 읽지 않았습니다.",
        "en": "A symbolic link, not a file; it was not followed.",
    },
    "not_notebook": {
        "ko": "노트북(.ipynb)이 없습니다: {name}",
        "en": "There is no notebook (.ipynb): {name}",
    },
    "several": {
        "ko": "노트북 {number}개 가운데 하나만 채점했습니다: {name}",
        "en": "There are {number} notebooks; graded {name}.",
    },
    "no_code": {"ko": "코드 셀이 하나도 없습니다.", "en": "There is no code cell."},
    "deleted": {"ko": "지워진 문제 셀: {names}", "en": "Cells of questions deleted: {names}"},
    "duplicated": {
        "ko": "두 번 이상 있는 문제 셀(나중 것이 쓰입니다): {names}",
        "en": "Cells of questions more than once (the last one counts): {names}",
    },
    "other": {
        "ko": "다른 과제({name})의 노트북으로 보입니다.",
        "en": "This looks like the notebook of another assignment ({name}).",
    },
    "others": {
        "ko": "다른 학생에게, 또는 다른 학기에 나누어 준 노트북입니다. 함수나 상수가 달라 여기서는 답이 맞지 않을 수 있습니다.",
        "en": "This notebook was made for another student or another term: it asks for other functions or constants.",
    },
    "kernel": {
        "ko": "Python이 아닌 커널({name})을 쓰는 노트북입니다.",
        "en": "The notebook asks for a kernel ({name}) that is not Python.",
    },
    "given": {
        "ko": "고치지 말아야 할 셀이 바뀌어 원래대로 되돌렸습니다: {names}",
        "en": "Cells that are not to be changed were changed; restored: {names}",
    },
    "essay_elsewhere": {
        "ko": "글로 쓴 답이 제자리에 없어 다른 셀에서 가져왔습니다.",
        "en": "The written answer was not in its cell; it was taken from other cells.",
    },
    "ended_time": {
        "ko": "실행 시간이 다 되어 멈추었습니다.",
        "en": "Stopped because its time was over.",
    },
    "ended_output": {
        "ko": "출력이 너무 많아 멈추었습니다.",
        "en": "Stopped because of too much output.",
    },
    "ended_gone": {
        "ko": "채점이 끝나기 전에 파이썬이 끝났습니다.",
        "en": "Python ended before the grading did.",
    },
    "unknown": {
        "ko": "roster.csv에 없는 제출자입니다: {name}",
        "en": "Somebody who is not in roster.csv: {name}",
    },
    "kept": {
        "ko": "나중에 낸 파일({name})을 읽을 수 없어 먼저 낸 노트북을 그대로 두었습니다.",
        "en": "A later file ({name}) cannot be read; the notebook handed in before was kept.",
    },
    "older": {
        "ko": "이미 모은 노트북보다 오래된 파일({name})이어서 바꾸지 않았습니다.",
        "en": "This file ({name}) is older than the notebook collected before, which was kept.",
    },
    "renamed": {
        "ko": "전에 {name}(이)라는 이름으로 모은 것은 지우고, 손으로 준 점수가 있으면 이 학생에게 옮겼습니다.",
        "en": "Collected before as {name}'s; that is forgotten, but for points given by hand.",
    },
    "ambiguous": {
        "ko": "roster.csv에 {name} 학생이 {n}명 있습니다. --worksheet를 주세요.",
        "en": "{name} stands {n} times in roster.csv; give --worksheet.",
    },
}

# The notebook: the words of its helpers, its opening, the titles of questions.
SETUP_WORDS = {
    "ko": {
        "numeric": "수를 하나 돌려주는 f의, 배열 x에서의 기울기를 중심 차분으로 어림합니다.",
        "compare": "두 값이 같으면 None, 다르면 어떻게 다른지 말해 줍니다.",
        "check": "문제 하나를 가볍게 검사합니다. 함수에는 인수의 사본을 줍니다. 성적은 다른 입력으로 따로 채점합니다.",
        "shape": "모양이 {other.shape}이어야 하는데 {yours.shape}입니다",
        "finite": "NaN이나 무한대가 있습니다",
        "zero": "모두 0입니다",
        "ratio": "기대한 값의 {ratio:.4g}배입니다",
        "differs": "가장 크게는 {np.abs(yours - other).max():.2g}만큼 다릅니다",
        "nothing": "`{name}` 함수가 아무것도 돌려주지 않습니다. `return`이 있나요?",
        "empty": "아직 답하지 않았습니다",
        "fine": "여기까지는 맞습니다",
    },
    "en": {
        "numeric": "The gradient at the array x of f, which returns a number, by central differences.",
        "compare": "None if the two agree; otherwise how they differ.",
        "check": "A light check of one question; functions get copies of their arguments. The grade comes from other inputs.",
        "shape": "the shape should be {other.shape}, but is {yours.shape}",
        "finite": "there is a NaN or an infinity",
        "zero": "it is 0 everywhere",
        "ratio": "it is {ratio:.4g} times what is expected",
        "differs": "it is off by up to {np.abs(yours - other).max():.2g}",
        "nothing": "`{name}` returns nothing: is there a `return`?",
        "empty": "not answered yet",
        "fine": "fine so far",
    },
}
NOT_FINITE = {  # what the checks of more than one topic say
    "ko": "절댓값이 큰 x에서 NaN이나 무한대가 나옵니다",
    "en": "there is a NaN or an infinity where x is large in magnitude",
}

HEADER = {
    "ko": """# {title}

{points}점 · 약 {minutes}분 · 책의 {chapters}장

**이 과제를 마치면** 다음을 할 수 있습니다.

{objectives}

{intro}

**푸는 법.** `raise NotImplementedError()`를 답으로 바꾸세요. 함수의 이름과 인수는 그대로 두고, 필요한 셀은 얼마든지 더해도 됩니다. 각 문제 아래의
셀은 가벼운 검사이며 답을 담고 있지 않습니다. 여러분이 쓴 순방향 함수가 있으면 기울기를 그 함수의 차분과 견주므로, 그 함수부터 틀렸다면 검사를 통과한 기울기도 틀립니다. 성적은 여러분이 보지 못한 입력에서 함수가 돌려주는 수로 매깁니다. 문제마다 모든 종류의 입력에서 맞아야 점수를 다 받고, 하나라도 틀리면 0점입니다.
셀 하나를 실행하거나 함수를 한 번 부르는 데 {patience}초까지, 모두 합해 {seconds}초까지 걸려도 됩니다. NumPy만 쓰고(`lib`는 채점할 때 없습니다), NumPy의 기본인 float64로 계산하세요.
다 풀면 위에서 아래로 다시 실행해 보고, 이 노트북 파일을 내세요.""",
    "en": """# {title}

{points} points · about {minutes} minutes · chapter {chapters} of the book

**After this assignment** you can

{objectives}

{intro}

**How to work.** Replace `raise NotImplementedError()` by your answer. Keep the names and arguments of the functions; add as many cells as
you like. The cell below each question is a light check that holds no answer. It compares a gradient
with differences of the forward pass that you wrote, where there is one: if that is wrong, so is a gradient that passes. The grade comes from the numbers that
your functions return at inputs you have not seen. A question gives all of its points or none: the answer must hold for every
kind of input. Each cell and each call of a function has {patience} seconds, and all of them together {seconds}. Use NumPy alone (`lib` is not there when grading), and compute in
float64, NumPy's default. At the end, run everything
from the top once more and hand in this notebook file.""",
}
POINTS = {"ko": "## {n}. `{name}` ({points}점)\n", "en": "## {n}. `{name}` ({points} points)\n"}
WRITTEN = {
    "ko": "## {n}. 글로 답하기 ({points}점)\n",
    "en": "## {n}. In words ({points} points)\n",
}
TEXT_STUB = {"ko": "*여기에 답을 쓰세요.*", "en": "*Write your answer here.*"}

# The page in the zip that students get.
README = {
    "ko": """# {title}

`{topic}.ipynb`가 과제입니다. NumPy만 있으면 됩니다.

- **JupyterLab:** 이 폴더에서 `pip install -r requirements.txt jupyterlab`을 실행한 다음 `jupyter lab {topic}.ipynb`를 실행합니다.
- **Colab:** https://colab.research.google.com 에서 파일, 노트 업로드를 차례로 누르고 `{topic}.ipynb`를 고릅니다. 다 풀면 파일, 다운로드, .ipynb 다운로드를 누릅니다.
- **Binder:** 이 폴더의 파일을 공개 저장소에 올리면 https://mybinder.org 에서 열립니다(`requirements.txt`가 환경을 정합니다). 연결이 끊기면 사라지니 노트북을 내려받아 두세요.

파일 이름은 바꾸지 말고 `{topic}.ipynb`만 내세요.
""",
    "en": """# {title}

`{topic}.ipynb` is the assignment. It needs NumPy and nothing else.

- **JupyterLab:** in this folder, `pip install -r requirements.txt jupyterlab`, then `jupyter lab {topic}.ipynb`.
- **Colab:** on https://colab.research.google.com choose File, Upload notebook, and `{topic}.ipynb`; at the end File, Download, Download .ipynb.
- **Binder:** the files of this folder in a public repository open on https://mybinder.org (`requirements.txt` says what is installed). Sessions end without warning: download your notebook.

Hand in `{topic}.ipynb` alone, under that name.
""",
}


def said(verdict: dict, language: str, cells: str = "") -> str:
    """One sentence about a verdict (a `judge.Verdict` as a dict)."""
    values = dict(verdict["values"], question=verdict["question"], cells=cells and " " + cells)
    values["kind"] = KINDS[values["kind"]][language] if "kind" in values else ""
    if isinstance(values.get("what"), dict):
        values["what"] = values["what"][language]
    sentence = SAID[verdict["said"]][language].format(**values)
    if "part" in values:
        return PART[language].format(**values) + sentence[0].lower() + sentence[1:]
    return sentence


def note(item: dict, language: str) -> str:
    """One sentence about a submission: {"note": key, ...values}."""
    if item["note"].startswith("cell"):
        names = "`, `".join(item.get("questions", ()))
        where = WHERE["questions" if names else "number"][language]
        item = item | {"where": where.format(names=names, number=item["number"])}
    return NOTES[item["note"]][language].format(**item)


def blank(text: str, language: str) -> bool:
    """Whether a written answer is empty, or what stood there when it was given out."""
    return "".join(text.split()) in ("", "".join(TEXT_STUB[language].split()))


def readable(text: str) -> str:
    """Text that can be written to a file whatever was in it: half characters become "?"."""
    return text.encode(errors="replace").decode()


def page(key: str, language: str, **values: object) -> str:
    """A word or sentence of the pages."""
    return PAGE[key][language].format(**values)
