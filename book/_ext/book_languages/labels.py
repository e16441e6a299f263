"""The same label may stand on a page and on its twin, and means the one in the page's language.

Sphinx keeps labels of equations, sections and exercises in dictionaries for the whole project,
where the second twin would overwrite the first. Here each language has its own share of those
dictionaries, so that the twins stay the same line by line, and so do the addresses of their parts.
"""

MARK = "\N{BROKEN BAR}"

# (domain, name of its dictionary)
IN_DOMAINS = [("math", "objects"), ("std", "labels"), ("std", "anonlabels")]


class LabelsByLanguage(dict):
    """Labels, each meaning that of `language`; one that has MARK is taken as it is."""

    language = None

    def own(self, label: str | None) -> str | None:
        if self.language is None or label is None or MARK in label:
            return label
        return f"{label}{MARK}{self.language}"

    def found(self, label: str | None) -> str | None:
        """The key under which a label is kept: in this language, or for all."""
        return label if not super().__contains__(self.own(label)) else self.own(label)

    def __contains__(self, label):
        return super().__contains__(self.found(label))

    def __getitem__(self, label):
        return super().__getitem__(self.found(label))

    def __setitem__(self, label, value):
        super().__setitem__(self.own(label), value)

    def __delitem__(self, label):
        super().__delitem__(self.found(label))

    def get(self, label, default=None):
        return super().get(self.found(label), default)

    def pop(self, label, *default):
        return super().pop(self.found(label), *default)

    def setdefault(self, label, default=None):
        return super().setdefault(self.own(label), default)


def install(env):
    """Share out the dictionaries of an environment, whether new or kept from the last build."""
    for domain, name in IN_DOMAINS:
        data = env.domains[domain].data
        data[name] = LabelsByLanguage(data[name])
    env.sphinx_exercise_registry = LabelsByLanguage(
        getattr(env, "sphinx_exercise_registry", {})
    )
