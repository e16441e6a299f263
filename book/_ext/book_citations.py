"""Citations read as author and year, in the same form in every language: [Glorot & Bengio 2010],
[He et al. 2015].

BibTeX's own short labels keep Latin letters only and write "and" between names. A work with a
`key` in references.bib is cited by that.
"""

from collections import Counter
from string import ascii_lowercase

from pybtex.plugin import register_plugin
from pybtex.style.formatting.unsrt import Style as UnsortedStyle
from pybtex.style.labels import BaseLabelStyle
from pybtex.style.names.plain import NameStyle
from pybtex.style.sorting import BaseSortingStyle


def author_year(entry) -> str:
    """The label of one work, before works with the same label are told apart."""
    if "key" in entry.fields:
        return entry.fields["key"]
    names = [
        " ".join(person.prelast_names + person.last_names)
        for person in entry.persons["author"]
    ]
    many = len(names) > 2 or names[-1] == "others"
    shown = f"{names[0]} et al." if many else " & ".join(names)
    return f"{shown} {entry.fields['year']}".replace("{", "").replace("}", "")


class AuthorYearLabels(BaseLabelStyle):
    def format_labels(self, sorted_entries):
        labels = [author_year(entry) for entry in sorted_entries]
        often, seen = Counter(labels), Counter()
        for label in labels:
            yield label + ascii_lowercase[seen[label]] if often[label] > 1 else label
            seen[label] += 1


class AuthorYearSorting(BaseSortingStyle):
    def sorting_key(self, entry):
        return author_year(entry).casefold()


class BookStyle(UnsortedStyle):
    """One work stands on many pages; it is written out once in a build."""

    default_sorting_style = AuthorYearSorting
    default_label_style = AuthorYearLabels
    default_name_style = NameStyle  # a name would be looked up for every page
    written = {}

    def format_entry(self, label, entry, bib_data=None):
        if (label, entry.key) not in self.written:
            text = super().format_entry(label, entry, bib_data)
            self.written[label, entry.key] = text
        return self.written[label, entry.key]


def start_again(app):
    BookStyle.written.clear()


def setup(app):
    register_plugin("pybtex.style.formatting", "book", BookStyle)
    app.connect("builder-inited", start_again)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
