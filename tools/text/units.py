"""Units of measure: every way of writing one, and the one word that stands for it."""

_WORDS: dict[str, str] = {
    "f": "f fahrenheit ℉",
    "c": "c celsius centigrade ℃",
    "deg": "deg degree degrees °",
    "s": "s sec secs second seconds",
    "ms": "ms msec",
    "min": "min mins minute minutes",
    "h": "h hr hrs hour hours",
    "day": "day days",
    "week": "week weeks wk wks",
    "month": "month months",
    "year": "year years yr yrs",
    "am": "am",
    "pm": "pm",
    "mg": "mg",
    "g": "g gram grams gramme grammes",
    "kg": "kg kgs kilo kilos",
    "lb": "lb lbs pound pounds",
    "oz": "oz ounce ounces",
    "ml": "ml",
    "l": "l liter liters litre litres",
    "gal": "gal gallon gallons",
    "cup": "cup cups",
    "tsp": "tsp teaspoon teaspoons",
    "tbsp": "tbsp tablespoon tablespoons",
    "um": "μm micron microns",
    "mm": "mm",
    "cm": "cm",
    "m": "m meter meters metre metres",
    "km": "km",
    "in": "in inch inches",
    "ft": "ft foot feet",
    "mile": "mi mile miles",
    "mph": "mph",
    "kmh": "kmh kph",
    "%": "% percent",
    "w": "w watt watts",
    "kw": "kw",
    "wh": "wh",
    "kwh": "kwh",
    "v": "v volt volts vdc vac",
    "mv": "mv",
    "kv": "kv",
    "a": "a amp amps ampere amperes",
    "ma": "ma",
    "mah": "mah",
    "ohm": "ohm ohms ω",
    "kohm": "kω",
    "megohm": "megohm megohms mω",
    "farad": "farad farads",
    "uf": "uf μf",
    "nf": "nf",
    "pf": "pf",
    "henry": "henry henrys henries",
    "uh": "μh",
    "mh": "mh",
    "j": "j joule joules",
    # Torque: captions lose the capital of "Nm", and people say "nanometers" in full.
    "nm": "nm",
    "bar": "bar bars",
    "psi": "psi",
    "pa": "pa pascal pascals",
    "kpa": "kpa",
    "db": "db decibel decibels",
    "rpm": "rpm",
    "hz": "hz hertz",
    "khz": "khz",
    "mhz": "mhz",
    "ghz": "ghz",
    "byte": "byte bytes",
    "bit": "bit bits",
    "kb": "kb",
    "mb": "mb",
    "gb": "gb gig gigs",
    "tb": "tb",
    "usd": "usd dollar dollars buck bucks",
    "cent": "cent cents",
    "eur": "eur euro euros",
    "gbp": "gbp quid",
}

_PREFIXED = {
    "meter meters metre metres": {"milli": "mm", "centi": "cm", "kilo": "km", "nano": "nanometer"}
    | {"micro": "um"},
    "liter liters litre litres": {"milli": "ml"},
    "gram grams gramme grammes": {"milli": "mg", "kilo": "kg", "micro": "ug"},
    "second seconds": {"milli": "ms", "micro": "us", "nano": "ns"},
    "watt watts": {"milli": "mw", "kilo": "kw", "mega": "megawatt"},
    "volt volts": {"milli": "mv", "kilo": "kv", "micro": "uv"},
    "amp amps ampere amperes": {"milli": "ma", "micro": "ua"},
    "ohm ohms": {"milli": "milliohm", "kilo": "kohm", "mega": "megohm"},
    "farad farads": {"micro": "uf", "nano": "nf", "pico": "pf", "milli": "mf"},
    "henry henrys henries": {"micro": "uh", "milli": "mh", "nano": "nh"},
    "hertz": {"kilo": "khz", "mega": "mhz", "giga": "ghz"},
    "byte bytes": {"kilo": "kb", "mega": "mb", "giga": "gb", "tera": "tb"},
    "pascal pascals": {"kilo": "kpa", "mega": "mpa"},
    "joule joules": {"milli": "mj", "kilo": "kj"},
}


def _table() -> dict[str, str]:
    table = {alias: unit for unit, aliases in _WORDS.items() for alias in aliases.split()}
    for bases, prefixes in _PREFIXED.items():
        for base in bases.split():
            table |= {f"{prefix}{base}": unit for prefix, unit in prefixes.items()}
    return table


UNITS = _table()
"""Caseless written form → canonical unit."""

PREFIXES = frozenset(prefix for prefixes in _PREFIXED.values() for prefix in prefixes)
"""Spelled prefixes that captions also write apart, as in "10 milli henry"."""

CURRENCIES = {"$": "usd", "€": "eur", "£": "gbp", "¥": "jpy", "₹": "inr"}
"""Signs that stand before an amount."""

ATTACHED_ONLY = frozenset({"a", "in", "am"})
"""Units that are also common words: as units only when they touch the number ("5in", "5A"), are
written in capitals ("5 A") or end the phrase ("5 in.")."""
