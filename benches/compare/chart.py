"""Charts as SVG: bars of seconds side by side, and lines of growth."""

INK, GRID = "#57606a", "#d0d7de"
COLORS = {"stocksync": "#1f6feb", "duckdb": "#b58900", "polars": "#8250df"}
WIDTH, ROW, LEFT = 720, 26, 200


def bars(figures):
    """Wall seconds by number of SKUs and program: `{skus: {name: (wall, cpu, peak)}}`."""
    rows = [(f"{skus:,} SKUs, {name}", name, taken[0]) for skus, all in figures.items() for name, taken in all.items()]
    most = max(wall for _, _, wall in rows)
    parts = []
    for at, (label, name, wall) in enumerate(rows):
        y, length = 10 + at * ROW, (WIDTH - LEFT - 90) * wall / most
        parts.append(text(LEFT - 8, y + 14, label, "end"))
        parts.append(f'<rect x="{LEFT}" y="{y}" width="{max(length, 1):.1f}" height="18" rx="2" fill="{COLORS[name]}"/>')
        parts.append(text(LEFT + length + 6, y + 14, f"{wall:.2f} s", "start"))
    return svg(20 + len(rows) * ROW, parts)


def lines(title, series, x_label, y_label):
    """Points on logarithmic scales: `{name: [(x, y), …]}`; a straight line of slope 1 is what grows with its input."""
    import math

    height, bottom, left, right = 360, 320, 70, 700
    all = [point for points in series.values() for point in points]
    (x_low, x_high), (y_low, y_high) = ((min(p[at] for p in all), max(p[at] for p in all)) for at in (0, 1))
    scale = lambda v, low, high, start, end: start + (end - start) * (math.log(v / low) / (math.log(high / low) or 1))
    x = lambda v: scale(v, x_low, x_high, left, right - 20)
    y = lambda v: scale(v, y_low, y_high, bottom - 20, 40)
    parts = [text(left, 18, title, "start"), f'<path d="M{left} 30V{bottom}H{right}" fill="none" stroke="{GRID}"/>']
    parts += [text((left + right) / 2, height - 6, x_label, "middle"), text(left - 8, 18, y_label, "end")]
    for at, (name, points) in enumerate(series.items()):
        color = list(COLORS.values())[at % len(COLORS)]
        path = "M" + "L".join(f"{x(px):.1f} {y(py):.1f}" for px, py in points)
        parts.append(f'<path d="{path}" fill="none" stroke="{color}" stroke-width="2"/>')
        parts.append(text(left + 20, 40 + 16 * at, name, "start", color))
        for px, py in points:
            parts.append(f'<circle cx="{x(px):.1f}" cy="{y(py):.1f}" r="3.5" fill="{color}"/>')
            parts.append(text(x(px), y(py) - 8, f"{py:.3g}", "middle"))
            parts.append(text(x(px), bottom + 16, short(px), "middle"))
    return svg(height, parts)


def short(number):
    return f"{number / 1e6:.3g} M" if number >= 1e6 else f"{number / 1e3:.3g} k" if number >= 1e3 else f"{number:g}"


def text(x, y, what, anchor, color=INK):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{color}">{what}</text>'


def svg(height, parts):
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="12">'
    return "\n".join([head, '<rect width="100%" height="100%" fill="#ffffff"/>', *parts, "</svg>"]) + "\n"
