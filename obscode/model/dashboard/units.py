"""The units of Grafana 13 by their ids: `s`, `percentunit`, `reqps`.

Source: `getValueFormats()` of the npm package @grafana/data 13.2.
"""

from __future__ import annotations

from obscode.findings.code import Code
from obscode.findings.suggestions import did_you_mean
from obscode.model import constraints
from obscode.model.identifiers import Invalid

_BY_SUBJECT = {
    "Misc": "none string short sishort percent percentunit humidity dB candela hex0x hex sci locale pixel",
    "Acceleration": "accMS2 accFS2 accG",
    "Angle": "degree radian grad arcmin arcsec",
    "Area": "areaM2 areaF2 areaMI2 acres hectares",
    "Computation": "flops mflops gflops tflops pflops eflops zflops yflops",
    "Concentration": (
        "ppm conppb conngm3 conngNm3 con\u03bcgm3 con\u03bcgNm3 conmgm3 conmgNm3 congm3 congNm3 conmgdL conmmolL"
    ),
    "Currency": (
        "currencyUSD currencyGBP currencyEUR currencyJPY currencyRUB currencyUAH currencyBRL currencyDKK "
        "currencyISK currencyNOK currencySEK currencyCZK currencyCHF currencyPLN currencyBTC currencymBTC "
        "currency\u03bcBTC currencyZAR currencyINR currencyKRW currencyIDR currencyPHP currencyVND "
        "currencyTRY currencyMYR currencyXPF currencyBGN currencyPYG currencyUYU currencyILS"
    ),
    "Data": (
        "bytes decbytes bits decbits kbytes deckbytes mbytes decmbytes gbytes decgbytes tbytes dectbytes "
        "pbytes decpbytes"
    ),
    "Data rate": (
        "pps binBps Bps binbps bps KiBs Kibits KBs Kbits MiBs Mibits MBs Mbits GiBs Gibits GBs Gbits TiBs "
        "Tibits TBs Tbits PiBs Pibits PBs Pbits"
    ),
    "Date & time": (
        "dateTimeAsIso dateTimeAsIsoNoDateIfToday dateTimeAsUS dateTimeAsUSNoDateIfToday dateTimeAsLocal "
        "dateTimeAsLocalNoDateIfToday dateTimeAsSystem dateTimeFromNow"
    ),
    "Energy": (
        "watt kwatt megwatt gwatt mwatt Wm2 voltamp kvoltamp voltampreact kvoltampreact watth watthperkg "
        "kwatth kwattm mwatth amph kamph mamph joule ev amp kamp mamp volt kvolt mvolt dBm mohm ohm kohm Mohm "
        "farad \u00b5farad nfarad pfarad ffarad henry mhenry \u00b5henry lumens"
    ),
    "Flow": "flowgpm flowcms flowcfs flowcfm litreh flowlpm flowmlpm lux",
    "Force": "forceNm forcekNm forceN forcekN",
    "Hash rate": "Hs KHs MHs GHs THs PHs EHs",
    "Mass": "massmg massg masslb masskg masst",
    "Length": "lengthmm lengthcm lengthin lengthft lengthm lengthkm lengthmi",
    "Pressure": "pressurembar pressurebar pressurekbar pressurepa pressurehpa pressurekpa pressurehg pressurepsi",
    "Radiation": "radbq radci radgy radrad radsv radmsv radusv radrem radexpckg radr radsvh radmsvh radusvh",
    "Rotational Speed": "rotrpm rothz rotkhz rotmhz rotghz rotrads rotdegs",
    "Temperature": "celsius fahrenheit kelvin",
    "Time": "hertz ns \u00b5s ms s m h d dtdurationms dtdurations dthms dtdhms timeticks clockms clocks",
    "Throughput": "cps ops reqps rps wps iops eps mps recps rowsps cpm opm reqpm rpm wpm epm mpm recpm rowspm",
    "Velocity": "velocityms velocitykmh velocitymph velocityknot",
    "Volume": "mlitre litre m3 Nm3 dm3 gallons",
    "Boolean": "bool bool_yes_no bool_on_off",
}

UNITS = frozenset(unit for units in _BY_SUBJECT.values() for unit in units.split())

# What people write for units of Grafana's.
_SYNONYMS = {
    "second": "s",
    "seconds": "s",
    "sec": "s",
    "secs": "s",
    "millisecond": "ms",
    "milliseconds": "ms",
    "msec": "ms",
    "msecs": "ms",
    "microseconds": "\u00b5s",
    "us": "\u00b5s",
    "\u03bcs": "\u00b5s",  # the Greek letter; Grafana's is the micro sign
    "nanoseconds": "ns",
    "min": "m",
    "minutes": "m",
    "hours": "h",
    "days": "d",
    "byte": "bytes",
    "kb": "deckbytes",
    "mb": "decmbytes",
    "gb": "decgbytes",
    "kib": "kbytes",
    "mib": "mbytes",
    "gib": "gbytes",
    "bytes/s": "binBps",
    "b/s": "binBps",
    "req/s": "reqps",
    "requests/s": "reqps",
    "ops/s": "ops",
    "%": "percent",
    "percentage": "percent",
    "ratio": "percentunit",
}


def unit_for(text: str) -> str:
    """The unit of Grafana's that a text stands for, such as `s` for "Seconds" and `reqps` for "req/sec", or empty."""
    plain = text.lower().replace(" ", "")
    return _SYNONYMS.get(plain) or _SYNONYMS.get(plain.removesuffix("ec"), "")


# Custom units:
# https://grafana.com/docs/grafana/latest/panels-visualizations/configure-standard-options/#unit
_CUSTOM = ("suffix:", "prefix:", "time:", "si:", "count:", "currency:", "bool:")


UNKNOWN_UNIT = Code(
    "unknown-unit",
    "A unit is one that Grafana knows, or a custom one.",
    why="Grafana writes a unit that it does not know behind the number, without scaling it: `1200000 milliseconds`.",
    bad='Row("Latency", panels.Stat("P90", "latency_seconds", unit="seconds"))',
    good='Row("Latency", panels.Stat("P90", "latency_seconds", unit="s"))',
)


@constraints.constraint("a unit that Grafana knows", UNKNOWN_UNIT)
def validate_unit(value: object) -> Invalid:
    """Validate a unit; the empty one is a plain number."""
    if value == "" or (isinstance(value, str) and (value in UNITS or value.startswith(_CUSTOM))):
        return None
    if not isinstance(value, str):
        return f"{value!r} is not a string", 'write a unit such as "s" or "percentunit"'
    known = unit_for(value)
    near = f"did you mean {known!r}?" if known else did_you_mean(value, UNITS)
    custom = f"for free text write {f'suffix:{value}'!r}"
    return f"{value!r} is not a unit that Grafana knows", f"{near} {custom}" if near else custom
