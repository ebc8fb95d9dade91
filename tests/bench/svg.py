"""Plots of how cost grows: log-log, a curve for each system, plain SVG that reads in light and dark."""

import math
from html import escape

WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 76, 120, 44, 52
COLOURS = {"relay": "#888888", "halley": "#1f77d0", "znc": "#d0622a"}
SPARE = ["#2a9d5c", "#9a4fc0", "#c0a020", "#c03050"]


def short(value):
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


class Axis:
    """Maps values to pixels on a logarithmic scale with a tick at each power of ten (and 3 times it, if short)."""

    def __init__(self, values, start, end):
        low, high = math.log10(min(values)), math.log10(max(values))
        if high - low < 0.5:
            low, high = low - 0.25, high + 0.25
        self.low, self.high, self.start, self.end = low, high, start, end

    def at(self, value):
        return self.start + (math.log10(value) - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self):
        marks = [10.0 ** power * step for power in range(math.floor(self.low), math.ceil(self.high) + 1)
                 for step in ((1,) if self.high - self.low > 2.5 else (1, 3))]
        return [mark for mark in marks if self.low - 1e-9 <= math.log10(mark) <= self.high + 1e-9]


def text(x, y, words, anchor="middle", extra=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {extra}>{escape(words)}</text>'


def frame(title, x_label, y_label, across, up):
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    parts = [text(LEFT, 22, f"{title} ({y_label})", "start", 'style="font:bold 14px sans-serif"'),
             text((LEFT + right) / 2, HEIGHT - 12, x_label)]
    for mark in across.ticks():
        parts += [f'<path d="M{across.at(mark):.1f} {TOP}V{bottom}" class="grid"/>',
                  text(across.at(mark), bottom + 18, short(mark))]
    for mark in up.ticks():
        parts += [f'<path d="M{LEFT} {up.at(mark):.1f}H{right}" class="grid"/>',
                  text(LEFT - 8, up.at(mark) + 4, short(mark), "end")]
    return parts


def plot(title, x_label, y_label, curves):
    """curves: {name: [(x, y), ...]}, all above zero. Returns the SVG's text."""
    points = [point for curve in curves.values() for point in curve]
    across = Axis([x for x, _ in points], LEFT, WIDTH - RIGHT)
    up = Axis([y for _, y in points], HEIGHT - BOTTOM, TOP)
    parts = frame(title, x_label, y_label, across, up)
    spare = iter(SPARE)
    ends = []
    for name, curve in curves.items():
        colour = COLOURS.get(name) or next(spare, "#666666")
        path = " ".join(f"{'L' if i else 'M'}{across.at(x):.1f} {up.at(y):.1f}" for i, (x, y) in enumerate(curve))
        parts.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{across.at(x):.1f}" cy="{up.at(y):.1f}" r="3" fill="{colour}"/>' for x, y in curve]
        ends.append((up.at(curve[-1][1]), across.at(curve[-1][0]), name, colour))
    last = -100.0
    for y, x, name, colour in sorted(ends):  # names stand beside the curves' ends, never on each other
        y = max(y + 4, last + 14)
        last = y
        parts.append(text(x + 8, y, name, "start", f'style="fill:{colour}"'))
    style = ("<style>text{font:12px sans-serif;fill:#555}.grid{stroke:#999;stroke-opacity:.3}"
             "@media(prefers-color-scheme:dark){text{fill:#bbb}}</style>")
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">{style}' + "\n".join(parts)
            + "</svg>\n")
