"""docs/PERFORMANCE.md and its plots, written from the results alone (docs/performance.json)."""

import svg

START = "<!-- script/bench writes all between these marks -->"
END = "<!-- end of what script/bench writes -->"
INTRODUCTION = """# Performance

What follows between the marks is written by `script/bench`; tests/bench/README.md says how it measures.
The relay is a bare epoll loop that forwards whole reads and parses nothing: no bouncer can be faster. The SQLite floor
is one thread with one table and one index. Every line of every row was checked for loss, duplicates and order.

"""


def number(value):
    if value is None:
        return "-"
    if abs(value) >= 1e6:
        return f"{value / 1e6:.2f} M"
    if abs(value) >= 10_000:
        return f"{value / 1e3:.0f} k"
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.3g}"


def medians(results, scenario, system):
    return results.get(scenario, {}).get(system, {}).get("median", {})


def cell(results, scenario, system, key):
    found = results.get(scenario, {}).get(system)
    if not found:
        return "-"
    if key not in found.get("median", {}):
        return "failed" if found.get("errors") else "-"
    return number(found["median"][key]) + spread(found["rounds"], key)


def spread(rounds, key):
    """Rounds that differ much are told: a median alone would hide that a figure has two faces."""
    values = [figures[key] for figures in rounds]
    low, high = min(values), max(values)
    return f" ({number(low)} to {number(high)})" if low > 0 and high > 1.5 * low else ""


def ratio(row, value, floor):
    """How Halley stands to the floor: above 1 means more of it, be it time or speed."""
    base = floor.get(row.floor or row.key)
    return f"{value / base:.2f}" if value is not None and base else "-"


def verdict(row, halley, rounds, floor):
    """Met by the median and by every round, by some rounds only, or missed."""
    if not row.met or row.key not in halley:
        return ""
    try:
        if not row.met(halley, floor):
            return "**missed**"
        return "met" if all(row.met(figures, floor) for figures in rounds) else "**not always**"
    except KeyError:
        return ""


def table(scenarios, results):
    lines = ["| work | unit | floor | **Halley** | x floor | target | | ZNC 1.8.2 | scenario | commit |",
             "|---|---|---|---|---|---|---|---|---|---|"]
    for scenario in scenarios:
        if scenario.name not in results:
            continue
        halley = medians(results, scenario.name, "halley")
        rounds = results[scenario.name].get("halley", {}).get("rounds", [])
        commit = results[scenario.name].get("halley", {}).get("commit", "-")
        base = "sqlite" if "sqlite" in scenario.systems else "relay"
        floor = medians(results, scenario.name, base)
        for row in scenario.rows:
            if scenario.axis:
                continue
            znc = cell(results, scenario.name, "znc", row.key)
            users = medians(results, scenario.name, "znc").get("users")
            if users and users != halley.get("users"):
                znc += f" ({users:.0f} users)"
            lines.append(
                f"| {row.title} | {row.unit} | {cell(results, scenario.name, base, row.floor or row.key)} "
                f"| **{cell(results, scenario.name, 'halley', row.key)}** | {ratio(row, halley.get(row.key), floor)} "
                f"| {row.target or '-'} | {verdict(row, halley, rounds, floor)} | {znc} | {scenario.name} | {commit} |")
    return lines


def failures(results):
    lines = []
    for scenario, systems in results.items():
        for system, found in systems.items():
            for error in found.get("errors", [])[:1]:
                lines.append(f"- {scenario}, {system}: {error}")
    return ["", "Without a figure:", "", *lines] if lines else []


def plots(scenarios, results, directory):
    lines = []
    for scenario in scenarios:
        if not scenario.axis or scenario.name not in results:
            continue
        curves = {}
        for system in scenario.systems:
            figures = medians(results, scenario.name, system)
            curve = sorted((float(x), y) for x, y in figures.items() if y > 0)
            if curve:
                curves[system] = curve
        if not curves:
            continue
        directory.mkdir(parents=True, exist_ok=True)
        picture = svg.plot(scenario.title, scenario.axis, scenario.unit, curves)
        (directory / f"{scenario.name}.svg").write_text(picture)
        lines += ["", f"![{scenario.title}](plots/{scenario.name}.svg)"]
    return ["", "## How cost grows"] + lines if lines else []


def machine_line(record):
    machine = record["machine"]
    shared = "" if machine["load_before"] < 0.5 else (
        f" The machine was not quiet (load {machine['load_before']:.1f} before the run): absolute figures are "
        "indicative, ratios within a row less so.")
    return (f"Last measured {record['date']} on {machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB, "
            f"Linux {machine['kernel']}; each row at the commit in its last column, medians of interleaved rounds, plain TCP "
            f"on loopback unless a row says otherwise.{shared}"
            + (" " + record["note"] if record.get("note") else ""))


def render(scenarios, record, document):
    results = record["scenarios"]
    body = [START, "", machine_line(record), "", *table(scenarios, results), *failures(results),
            *plots(scenarios, results, document.parent / "plots"), "", END]
    old = document.read_text() if document.exists() else ""
    before, mark, rest = old.partition(START)
    after = rest.partition(END)[2] if mark else "\n"
    document.write_text((before if mark else INTRODUCTION) + "\n".join(body) + after)
