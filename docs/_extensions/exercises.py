r"""Show the exercises of a chapter, or their model answers, from the package itself.

    ```{exercises} 3
    ```

    ```{model-answers} 3
    ```

Every model answer is judged while the page is read; one that is not right fails the build.
"""

from collections.abc import Iterator

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

from backproof.exercises import exercises
from backproof.exercises.exercise import Exercise

logger = logging.getLogger(__name__)


class OfChapter(SphinxDirective):
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        chapter = exercises()[int(self.arguments[0]) - 1]
        return [self.shown(exercise) for exercise in chapter.exercises]

    def shown(self, exercise: Exercise) -> nodes.Node:
        raise NotImplementedError


class Exercises(OfChapter):
    def shown(self, exercise: Exercise) -> nodes.Node:
        title = nodes.title("", f"{exercise.number} {exercise.title}")
        box = nodes.admonition("", title, classes=["exercise"])
        box["ids"] = [f"exercise-{exercise.number.replace('.', '-')}"]
        box += self.parse_text_to_nodes(exercise.text)
        for number, hint in enumerate(exercise.hints, start=1):
            box += self.folded(f"Hint {number}", hint)
        return box

    def folded(self, summary: str, text: str) -> Iterator[nodes.Node]:
        yield nodes.raw("", f"<details><summary>{summary}</summary>", format="html")
        yield from self.parse_text_to_nodes(text)
        yield nodes.raw("", "</details>", format="html")


class ModelAnswers(OfChapter):
    def shown(self, exercise: Exercise) -> nodes.Node:
        answer = exercise.answer(exercise.task.answers[0])
        if not answer:
            text = f"the model answer of exercise {exercise.number} is not right: {answer}"
            logger.warning("%s", text, location=self.get_location())
        title = nodes.paragraph("", "", nodes.strong("", f"{exercise.number} {exercise.title}"))
        solution = exercise.task.solution()
        shown = nodes.literal_block(solution, solution, language="python")
        if "\\" in solution:
            shown = nodes.paragraph("", "", nodes.math(solution, solution))
        verdict = nodes.line_block("", *(nodes.line("", line) for line in str(answer).splitlines()))
        return nodes.container("", title, shown, verdict)


def setup(app: Sphinx) -> ExtensionMetadata:
    app.add_directive("exercises", Exercises)
    app.add_directive("model-answers", ModelAnswers)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
