"""Numbers as the report prints them: few digits, thousands separated, powers of ten raised."""

import re
from decimal import Decimal
from fractions import Fraction
from math import isfinite, isnan

NO_BREAK = "\u00a0"
MISSING = "–"
"""What stands for a number that there is not."""
_DIGITS = 3
_LARGE, _SMALL = 1e6, 1e-3
_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_FEWEST, _MOST = 0.1, 0.9


def number(value: float | Fraction) -> str:
    """A number for a reader: 45,543, 44.5, 0.927, 1.67×10¹¹.

    A whole number below a million is a count and stands in full; all others have three digits, a
    half (the median of two counts) without its zeros.

    Args:
        value: The number, an integer of any size among them; NaN stands for one that is missing.
    """
    if isinstance(value, float) and not isfinite(value):
        return MISSING if isnan(value) else "∞" if value > 0 else "−∞"
    fraction = Fraction(value)
    if fraction.denominator == 1 and abs(fraction) < _LARGE:
        return f"{int(fraction):,}".replace("-", "−")
    rounded = f"{Decimal(fraction.numerator) / Decimal(fraction.denominator):.{_DIGITS - 1}e}"
    mantissa, exponent = rounded.split("e")
    if _SMALL <= abs(float(rounded)) < _LARGE:
        text = f"{float(rounded):,.{max(0, _DIGITS - 1 - int(exponent))}f}"
        if fraction.denominator == 2:  # the median of two counts
            text = text.rstrip("0").rstrip(".") if "." in text else text
    else:
        text = f"{mantissa}×{power_of_ten(int(exponent))}"
    return text.replace("-", "−")


def counted(n: int, singular: str) -> str:
    """A count with its noun: 1 circuit, 3 circuits."""
    return f"{number(n)} {singular}" if n == 1 else f"{number(n)} {singular}s"


def about(text: str, estimated: bool) -> str:
    """A number in words, with a sign before it if it is of estimates: ≈ 1.67×10¹¹."""
    return f"≈{NO_BREAK}{text}" if estimated else text


def exact(value: float) -> str:
    """A published number as it is: 1,235 or −0.21."""
    return f"{value:,.10g}".replace("-", "−")


def decimal(value: float, *, plus: bool = False) -> str:
    """A measured value with two decimals, and with a sign of the right length or none."""
    rounded = round(value, 2)
    sign = "−" if rounded < 0 else "+" if plus and rounded > 0 else ""
    return f"{sign}{abs(rounded):.2f}"


def power_of_ten(exponent: int) -> str:
    """A power of ten: 10⁻³."""
    return f"10{str(exponent).translate(_SUPERSCRIPTS)}"


def percent(share: float) -> str:
    """A share: 0%, 2.6%, 28%, 97.0%, > 99.9%, 100%."""
    if isnan(share):
        return MISSING
    share = round(share, 6)
    if share in (0, 1) or _FEWEST <= share <= _MOST:
        return f"{share:.0%}"
    if 0.9995 <= share < 1:
        return "> 99.9%"
    if 0 < share < 0.0005:
        return "< 0.1%"
    text = f"{share:.1%}"
    return text.replace(".0%", "%") if share * 100 == round(share * 100) else text


def small_percent(share: float) -> str:
    """A small share with two digits: 0.071%, 2.8%."""
    return MISSING if isnan(share) else f"{100 * share:.2g}%"


def p_value(p: float) -> str:
    """A p-value with two digits; below 0.001 only that it is."""
    if isnan(p):
        return MISSING
    if p < _SMALL:
        return f"< {_SMALL}"
    return f"{p:.2f}" if p >= _FEWEST else f"{p:.2g}"


def equals(p: float) -> str:
    """A p-value with its sign of relation, not to be broken: = 0.12, < 0.001."""
    text = p_value(p)
    return (text if text.startswith("<") else f"= {text}").replace(" ", NO_BREAK)


def interval(low: float, high: float, *, share: bool = False) -> str:
    """An interval: [70,300; 110,000]; empty if there is none."""
    write = percent if share else number
    return "" if isnan(low) or isnan(high) else f"[{write(low)}; {write(high)}]"


def with_interval(value: float, low: float, high: float, *, share: bool = False) -> str:
    """A value with its interval, where it has one: 44.5 [39.1; 50.2]; empty for no value."""
    write = percent if share else number
    if isnan(value):
        return ""
    spread = "" if low == value == high else interval(low, high, share=share)
    return f"{write(value)} {spread}".rstrip()


def listed(items: list[str]) -> str:
    """A list in a sentence: a, b and c."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def with_powers(text: str) -> str:
    """Text in which 1e-3 stands as a power of ten, and minus signs are as long as plus signs."""
    raised = re.sub(r"\b1e(-?\d+)", lambda found: power_of_ten(int(found[1])), text)
    return re.sub(r"(?<!\w)-(?=\d)", "−", raised)


def duration(seconds: float) -> str:
    """A time to be read, in the largest unit of which there is at least one."""
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:,.1f} {unit}"
    return f"{seconds:.2g} s" if seconds < 1 else f"{seconds:.1f} s"
