#!/usr/bin/env python3
"""Runs scenarios, keeps their figures in docs/performance.json, and writes docs/PERFORMANCE.md from them."""

import argparse
import datetime
import json
import signal
import statistics
import sys
import time
from pathlib import Path

import machine
import report
from processes import BenchError, Stage
from scenarios import all_scenarios

ROOT = Path(__file__).resolve().parents[2]


def out_of_time(*_):
    raise BenchError("out of time")


def measure(work, make_stage, limit_seconds):
    """One round of one system: its figures, or why there are none."""
    signal.signal(signal.SIGALRM, out_of_time)
    signal.alarm(limit_seconds)
    try:
        return work(make_stage), None
    except (BenchError, OSError, KeyError) as error:
        return None, f"{type(error).__name__}: {error}" if not isinstance(error, BenchError) else str(error)
    finally:
        signal.alarm(0)


def run_scenario(scenario, make_stage, rounds, systems, commit):
    rounds = min(rounds, scenario.rounds or rounds)
    results = {}
    for turn in range(rounds):  # interleaved: what disturbs one system for a while disturbs all
        for system, work in scenario.systems.items():
            if systems and system not in systems:
                continue
            began = time.monotonic()
            figures, error = measure(work, make_stage, scenario.limit_seconds)
            kept = results.setdefault(system, {"rounds": [], "errors": [], "commit": commit})
            if error:
                kept["errors"].append(error)
            else:
                kept["rounds"].append(figures)
            shown = error or ", ".join(f"{key}={report.number(value)}" for key, value in figures.items())
            print(f"{scenario.name:18} {system:12} {turn + 1}/{rounds} {time.monotonic() - began:5.1f}s  {shown}",
                  flush=True)
    for kept in results.values():
        if kept["rounds"]:
            kept["median"] = {key: statistics.median(entry[key] for entry in kept["rounds"])
                              for key in kept["rounds"][0]}
    return results


def arguments():
    parser = argparse.ArgumentParser(prog="script/bench", description="Measure Halley against floors and ZNC.")
    parser.add_argument("scenario", nargs="*", help="names from --list, or all")
    parser.add_argument("--list", action="store_true", help="name the scenarios")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--systems", default="", help="only these, separated by commas: relay,halley,znc,sqlite")
    parser.add_argument("--full", action="store_true", help="ZNC with as many users as Halley: two hours")
    parser.add_argument("--render", action="store_true", help="only write the document from the last results")
    parser.add_argument("--note", default="", help="what the document shall say about this run's circumstances")
    parser.add_argument("--no-save", action="store_true", help="print figures, keep nothing")
    parser.add_argument("--tools", default=str(ROOT / "build-bench" / "bench"), help="where the bench programs are")
    parser.add_argument("--halley", default=str(ROOT / "build-bench" / "halley"), help="the binary to measure")
    return parser.parse_args()


def save(record, scenarios, file):
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n")
    report.render(scenarios, record, file.parent / "PERFORMANCE.md")


def chosen(scenarios, names):
    known = {scenario.name: scenario for scenario in scenarios}
    if names == ["all"]:
        return scenarios
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        sys.exit(f"No such scenario: {', '.join(unknown) or '(none given)'}. There are: all, {', '.join(known)}")
    return [known[name] for name in names]


def main():
    options = arguments()
    scenarios = all_scenarios(options.full)
    if options.list:
        print("\n".join(scenario.name for scenario in scenarios))
        return
    file = ROOT / "docs" / "performance.json"
    record = json.loads(file.read_text()) if file.exists() else {"scenarios": {}}
    if options.render:
        return save(record, scenarios, file)
    record |= {"machine": machine.describe(ROOT), "date": datetime.date.today().isoformat(),
               "note": options.note}
    systems = set(filter(None, options.systems.split(",")))
    for scenario in chosen(scenarios, options.scenario):
        results = run_scenario(scenario, lambda: Stage(options.tools, options.halley, scenario.awake), options.rounds, systems,
                               record["machine"]["commit"])
        record["scenarios"].setdefault(scenario.name, {}).update(results)
        if not options.no_save:
            save(record, scenarios, file)


if __name__ == "__main__":
    main()
