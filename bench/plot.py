"""Two lines over time as an SVG file: rows a second, and the lag of a standby under it."""
from xml.sax.saxutils import escape

WIDTH, HEIGHT, LEFT, GAP = 900, 200, 70, 40


def _line(points, color):
    return f'<polyline fill="none" stroke="{color}" stroke-width="1.5" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}"/>'


def _panel(top, title, xs, ys, span, color, line=None):
    most = max([*ys, line or 0, 1e-9]) * 1.05
    at = lambda x, y: (LEFT + (WIDTH - LEFT - 10) * x / span, top + HEIGHT - HEIGHT * y / most)  # noqa: E731
    out = [f'<rect x="{LEFT}" y="{top}" width="{WIDTH - LEFT - 10}" height="{HEIGHT}" fill="none" stroke="#999"/>',
           f'<text x="{LEFT}" y="{top - 6}">{escape(title)}</text>', _line([at(x, y) for x, y in zip(xs, ys)], color)]
    for part in (0, 0.5, 1):
        out.append(f'<text x="{LEFT - 6}" y="{top + HEIGHT - HEIGHT * part / 1.05 + 4:.1f}" text-anchor="end">{most / 1.05 * part:,.3g}</text>')
    if line:
        (_, y) = at(0, line)
        out.append(f'<line x1="{LEFT}" x2="{WIDTH - 10}" y1="{y:.1f}" y2="{y:.1f}" stroke="#c33" stroke-dasharray="4"/>')
    return out


def save(path, title, samples, rates, marks, line):
    span = samples[-1][0]
    xs = [at for at, *_ in samples]
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{2 * HEIGHT + 3 * GAP}" font-family="sans-serif" font-size="12">',
           '<rect width="100%" height="100%" fill="#fff"/>', f'<text x="{LEFT}" y="16" font-weight="bold">{escape(title)}</text>']
    out += _panel(GAP, "rows a second, over two seconds", xs, rates, span, "#06c")
    out += _panel(2 * GAP + HEIGHT, "lag of the standby, seconds; dashed: the slow line", xs, [behind for _, behind, *_ in samples], span, "#383", line)
    for at, name in marks:
        x = LEFT + (WIDTH - LEFT - 10) * at / span
        out += [f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{GAP}" y2="{2 * (GAP + HEIGHT)}" stroke="#999" stroke-dasharray="2"/>',
                f'<text x="{x + 4:.1f}" y="{2 * (GAP + HEIGHT) + 16}">{escape(name)}, from {at:.0f} s</text>']
    with open(path, "w") as file:
        file.write("\n".join([*out, "</svg>", ""]))
