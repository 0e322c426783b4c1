#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Renders chat templates with jinja2, in the environment that transformers makes for them.

Reads {"now": seconds, "cases": [{"source": TEXT, "variables": {...}}, ...]} and writes [{"text": ...} or {"error": ...}, ...].
"""
import datetime
import json
import sys

import jinja2
import jinja2.ext
import jinja2.sandbox


class Generation(jinja2.ext.Extension):
    """{% generation %} marks what the assistant wrote; the text is as if the marks were not there."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_show"), [], [], body).set_lineno(line)

    def _show(self, caller):
        return caller()


def environment(now):
    made = jinja2.sandbox.ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols])

    def raise_exception(message):
        raise jinja2.exceptions.TemplateError(message)

    def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

    made.filters["tojson"] = tojson
    made.globals["raise_exception"] = raise_exception
    made.globals["strftime_now"] = lambda form: datetime.datetime.fromtimestamp(now).strftime(form)
    return made


def main():
    job = json.load(sys.stdin)
    made = environment(job["now"])
    results = []
    for case in job["cases"]:
        try:
            text = made.from_string(case["source"]).render(**case["variables"])
            text.encode()
            results.append({"text": text})
        except Exception as error:  # whatever jinja2 or Python says about the template: ours must refuse as well
            results.append({"error": f"{type(error).__name__}: {error}"})
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()
