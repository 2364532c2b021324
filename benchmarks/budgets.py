"""What was promised: each figure, its bound, and whether it holds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the report. `must` and `moonshot` are upper bounds of `value`; None where only the figure is of interest."""

    what: str
    value: float
    unit: str
    must: float | None = None
    moonshot: float | None = None

    @property
    def verdict(self) -> str:
        if self.must is None:
            return ""
        if self.value > self.must:
            return "NOT MET"
        return "met" if self.moonshot is None or self.value > self.moonshot else "met, moonshot too"


def report(rows: list[Row]) -> str:
    """The table, widths fitted to the text."""
    lines = [("", "measured", "must", "")]
    lines += [(row.what, f"{row.value:,.2f} {row.unit}", bound(row), row.verdict) for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(4)]
    return "\n".join(f"{line[0]:{widths[0]}}  {line[1]:>{widths[1]}}  {line[2]:>{widths[2]}}  {line[3]}".rstrip() for line in lines)


def bound(row: Row) -> str:
    return "" if row.must is None else f"<= {row.must:g} {row.unit}"
