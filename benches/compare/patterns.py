"""Patterns by how they are looked up."""


def split(rules):
    """Whole SKUs, prefixes by their length, other globs, and the orders of rules that take everything."""
    literals, prefixes, globs, rest = [], {}, [], []
    for rule in rules:
        for pattern in rule["skus"]:
            row = (pattern, rule["order"])
            if pattern == "*":
                rest.append(rule["order"])
            elif "*" not in pattern and "?" not in pattern:
                literals.append(row)
            elif pattern.endswith("*") and not set("*?") & set(pattern[:-1]):
                prefixes.setdefault(len(pattern) - 1, []).append((pattern[:-1], rule["order"]))
            else:
                globs.append(row)
    return literals, prefixes, globs, rest
