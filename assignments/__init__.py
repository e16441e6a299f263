"""Assignments that a lecturer can give, grade and trust: `python -m assignments --help`.

**One folder is one course.** `new 2027-spring --lang en` writes it, in nbgrader's layout:

    2027-spring/
      course.json            language, topics, the secret, and what was drawn from it; keep it
      roster.csv             student_id, first_name, last_name, email
      source/TOPIC/          the notebook with solutions: the lecturer's only
      release/TOPIC/         the same without them;  zips/ holds what students get
      submitted/STUDENT/     what `collect` found
      results/TOPIC/         one JSON file per graded submission; all else is made from these
      manual/TOPIC.csv       the question that a person grades
      autograded/  feedback/  gradebook.db  grades.csv  moodle/  report/

**A topic** (`topics/`, one module each) is a set of *choices* from which a variant is drawn, and
the questions with their texts in both languages, a reference solution, a visible check, hidden
inputs, planted errors and other right answers. The choices change the function, the wiring, the
order or the convention, and the constants, so that last year's answer is wrong, and each draw asks
for the same steps, so that nobody gets the easy one.

**Visible checks** are cells in the released notebook; they need NumPy alone and hold no answer,
only difference quotients and properties. They help the student and decide nothing.

**Grading** (`grade.py`) never asks the student's process for a verdict. `sandbox.py` starts one
Python process per submission inside bubblewrap; `runner.py` executes the code cells there and
calls the requested functions at inputs drawn for this submission; the raw numbers come out through
a pipe, as JSON of bounded size. Outside, `judge.py` compares them with what the reference solution
gives at the same inputs. The expected values, the points and the reference never enter the
sandbox, so a student who patches NumPy, an `assert` or the checks can only answer with wrong
numbers. Two choices want a reason:

- *A plain Python process, not a Jupyter kernel.* The assignments use nothing that a kernel adds,
  a kernel takes seconds and needs sockets, and its messages would have to be believed. Lines with
  magics (`%`, `!`) are left out if a cell does not compile with them.
- *nbgrader's format, gradebook and formgrader, not its autograder.* `nbgrader autograde` runs
  students' code as the lecturer, next to the gradebook and the other submissions, writes the hidden
  tests into the same process and believes what that process says. We keep its folders, its cell
  metadata and preprocessors (release versions), and its gradebook, so that `formgrader` opens on a
  course; scores are written there through its API. Its CSV exporter does not quote names with
  commas, and its feedback is English: those two are ours as well.

**Nothing is lost.** A result is written to a temporary file and renamed, one per submission; a run
that is killed goes on where it was. Gradebook, feedback, CSV and report are made from the results,
at any time again.

Read in this order: topic, topics.chain_rule, notebook, course, collect, sandbox, runner, judge,
grade, then gradebook and pages, which tell.
"""
