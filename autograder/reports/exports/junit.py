"""`junit`: JUnit XML, which build servers show: a suite for each submission."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.etree import ElementTree as ET

from autograder.grading.result import CheckResult, Result
from autograder.i18n import N_
from autograder.reports import facts
from autograder.reports.exports import feedback
from autograder.reports.exports.format import DETAIL, Export, Format, Options
from autograder.reports.harmless import clip, line, plain

MOST = DETAIL[0]


def make(results: Sequence[Result], options: Options) -> Export:
    """Return one suite a submission, one case a check."""
    suites = [_suite(result, options) for result in results]
    root = ET.Element("testsuites", {"name": "lab4", **_sums(suites)})
    root.extend(suites)
    ET.indent(root, " ")
    return Export(ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n")


def _suite(result: Result, options: Options) -> ET.Element:
    with facts.speaking_as(result):
        if result.outcome == "graded":
            cases = [_case(check) for check in feedback.told(result, options.hidden)]
        else:
            cases = [_not_graded(result)]
    suite = ET.Element("testsuite", {"name": feedback.name_of(result), **_counts(cases)})
    suite.set("time", f"{result.duration_s:.3f}")
    _properties(suite, {"score": result.score, "max_score": result.max_score})
    suite.extend(cases)
    return suite


def _case(check: CheckResult) -> ET.Element:
    name, place = line(check.id), f"lab4.level{check.level}"
    case = ET.Element("testcase", {"classname": place, "name": name})
    case.set("time", f"{check.duration_s:.3f}")
    _properties(
        case,
        {
            "title": feedback.title_of(check),
            "points": check.points,
            "max_points": check.max_points,
            "hint": clip(line(check.hint), MOST),
        },
    )
    text = feedback.of_check(check, MOST)
    if check.status == "skipped":
        ET.SubElement(case, "skipped", {"message": text})
    elif check.status == "failed":
        message = clip(line(check.actual), MOST)
        ET.SubElement(case, "failure", {"message": message, "type": "Unmet"}).text = text
    elif check.status == "error":
        ET.SubElement(case, "error", {"message": text, "type": "GraderFault"})
    if check.stderr_tail:
        ET.SubElement(case, "system-err").text = clip(plain(check.stderr_tail), MOST)
    return case


def _not_graded(result: Result) -> ET.Element:
    """Say that there are no checks to look at, where a reader of checks looks for it."""
    case = ET.Element("testcase", {"classname": "lab4", "name": result.outcome, "time": "0.000"})
    kind = "failure" if result.outcome == "not_gradable" else "error"
    message = clip(facts.headline(result), MOST)
    ET.SubElement(case, kind, {"message": message, "type": result.outcome})
    return case


def _properties(element: ET.Element, values: dict[str, object]) -> None:
    properties = ET.SubElement(element, "properties")
    for name, value in values.items():
        ET.SubElement(properties, "property", {"name": name, "value": str(value)})


def _counts(cases: Sequence[ET.Element]) -> dict[str, str]:
    kinds = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    counts = {name: sum(c.find(tag) is not None for c in cases) for name, tag in kinds.items()}
    return {name: str(count) for name, count in {"tests": len(cases), **counts}.items()}


def _sums(suites: Iterable[ET.Element]) -> dict[str, str]:
    suites = list(suites)
    names = ("tests", "failures", "errors", "skipped")
    sums = {name: str(sum(int(suite.attrib[name]) for suite in suites)) for name in names}
    return {**sums, "time": f"{sum(float(suite.attrib['time']) for suite in suites):.3f}"}


FORMAT = Format("junit", N_("JUnit XML, for a build server."), make, file="junit.xml")
