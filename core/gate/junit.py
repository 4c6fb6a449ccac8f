"""A report as JUnit XML, as pytest writes it: a test for each bound, which build servers show."""

import re
from xml.etree import ElementTree

from core.gate.report import Checked, GateReport
from core.visible import marked

SUITE = "nearfield"
# What XML 1.0 has no way to write (https://www.w3.org/TR/xml/#charsets); `marked` leaves none but
# the last two.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_text(report: GateReport, *, seconds: float = 0.0) -> str:
    """The report as a document of one test suite; seconds: that the check took.

    A broken bound is a failure, whose message is its sentence.
    """
    suite = _suite(tests=len(report.checks), failures=len(report.broken), seconds=seconds)
    for checked in report.checks:
        case = _case(suite, checked.name, checked.bound.kind)
        if not checked.passed:
            failure = ElementTree.SubElement(case, "failure", message=_xml(checked.sentence))
            failure.text = _xml("\n".join(_details(checked, report)))
    return _document(suite)


def junit_error(message: str, *, seconds: float = 0.0) -> str:
    """The document of a check that could not be made: one test, with an error."""
    suite = _suite(tests=1, errors=1, seconds=seconds)
    error = ElementTree.SubElement(_case(suite, "check", "check"), "error", message=_xml(message))
    error.text = _xml(message)
    return _document(suite)


def _details(checked: Checked, report: GateReport) -> list[str]:
    return [checked.sentence, *checked.named, *report.about]


def _suite(
    *, tests: int, failures: int = 0, errors: int = 0, seconds: float
) -> ElementTree.Element:
    return ElementTree.Element(
        "testsuite",
        name=SUITE,
        tests=str(tests),
        failures=str(failures),
        errors=str(errors),
        skipped="0",
        time=f"{seconds:.3f}",
    )


def _case(suite: ElementTree.Element, name: str, kind: str) -> ElementTree.Element:
    return ElementTree.SubElement(
        suite, "testcase", classname=f"{SUITE}.{kind}", name=_xml(name), time="0.000"
    )


def _document(suite: ElementTree.Element) -> str:
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    body = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{body}\n'


def _xml(text: str) -> str:
    return _NO_XML.sub("?", marked(text))
