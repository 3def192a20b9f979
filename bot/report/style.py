"""How the report's page looks: the console's colours, without variables, which mail programs do not know."""

from __future__ import annotations

from collections.abc import Mapping

# How a conversation ended, in the light and in the dark; each stands 3:1 at least from the ground.
COLOURS: Mapping[str, tuple[str, str]] = {
    "confirmed": ("#1d6f5c", "#5fc2a8"),
    "assumed": ("#7f9c93", "#8ea8a0"),
    "handed_off": ("#3d6396", "#86aee6"),
    "abandoned": ("#b9781f", "#e0a552"),
    "rejected": ("#ac2a25", "#f08a82"),
    "days": ("#1d6f5c", "#5fc2a8"),
}

_LIGHT = """
body{margin:0;padding:24px 16px 48px;background:#f4f5f3;color:#1b2221;font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main{display:block;max-width:680px;margin:0 auto;background:#fff;border:1px solid #dcdfda;border-radius:8px;padding:28px 32px 24px}
h1{font-size:22px;line-height:1.3;margin:0}
h2{font-size:16px;line-height:1.3;margin:36px 0 6px}
p{margin:0}
.period,.about,.note,.beside,.name{color:#5a6462}
.lead{margin:16px 0 12px;font-size:16px}
.tiles{margin:0 -4px;font-size:0}
.tile{display:inline-block;vertical-align:top;box-sizing:border-box;width:33.33%;padding:4px;font-size:12px;line-height:1.35}
.tile p{padding:0 10px;background:#f4f5f3}
.tile .name{padding-top:8px;border-radius:6px 6px 0 0}
.tile .value{font-size:22px;line-height:1.4;font-weight:600;white-space:nowrap}
.tile .beside{padding-bottom:8px;border-radius:0 0 6px 6px;white-space:nowrap}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:start;vertical-align:top;font-weight:400;padding:7px 0;border-bottom:1px solid #dcdfda}
thead th{font-size:12px;line-height:1.3;color:#5a6462;padding:4px 0;vertical-align:bottom}
.counts td,.counts thead th+th{width:88px;text-align:end;padding-inline-start:10px}
.counts tbody th{overflow-wrap:anywhere}
.words td{overflow-wrap:anywhere}
.words .at{white-space:nowrap;padding-inline-end:16px;color:#5a6462}
.noted th,.noted td{border-bottom:0;padding-bottom:0}
.counts tbody td{white-space:nowrap}
td.note,.counts tbody td.note{width:auto;white-space:normal;text-align:start;font-size:12px;line-height:1.4;padding:0 0 8px}
.better{color:#1d5c4f;font-weight:600}
.worse{color:#8f4708;font-weight:600}
.tile b{font-weight:600}
.stack{margin:8px 0 6px}
.stack td{height:14px;padding:0;border:0;border-inline-end:2px solid #fff}
.stack td:last-child{border-inline-end:0}
.dot{display:inline-block;width:10px;height:10px;border-radius:2px;margin-inline-end:8px}
.columns{table-layout:fixed}
.columns td{border-bottom:1px solid #858d86;padding:8px 6px 0;text-align:center;vertical-align:bottom;font-weight:600}
.columns th{border:0;text-align:center;font-size:12px;padding:4px 0 0}
.bar{border-radius:3px 3px 0 0;margin-top:3px}
.links{margin-top:32px;color:#5a6462}
a{color:#1d5c4f}
"""

_DARK = """
body{background:#15191a;color:#e6eae8}
main{background:#1c2122;border-color:#2f3738}
th,td{border-color:#2f3738}
.period,.about,.note,.beside,.name,thead th,.words .at,.links{color:#a2adab}
.tile p{background:#15191a}
.better,a{color:#7fcbb6}
.worse{color:#f0b273}
.stack td{border-color:#1c2122}
"""

_NARROW = """
body{padding:0;background:#fff}
main{border:0;border-radius:0;padding:20px 16px}
.tile{width:50%}
.counts td,.counts thead th+th{width:56px}
"""


def _drawn(place: int) -> str:
    return "".join(f".{name}{{background:{pair[place]}}}" for name, pair in COLOURS.items())


STYLE = "".join(
    [
        *_LIGHT.strip().split("\n"),
        _drawn(0),
        f"@media(max-width:560px){{{''.join(_NARROW.strip().split(chr(10)))}}}",
        f"@media(prefers-color-scheme:dark){{{''.join(_DARK.strip().split(chr(10)))}{_drawn(1)}}}",
        "@media(prefers-color-scheme:dark) and (max-width:560px){body{background:#1c2122}}",
        "@media print{body{background:#fff}main{border:0}}",
    ]
)
