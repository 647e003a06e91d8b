"""What the alert of a burning budget tells the person it wakes."""

from __future__ import annotations

from obscode.model import naming
from obscode.model.burn_rate import Tier, plain
from obscode.model.service import Service
from obscode.model.slo import SLO


def alert_texts(slo: SLO, service: Service, tier: Tier) -> dict[str, str]:
    """Summary, description and links; the alert's value is the burn rate in the long window."""
    texts = {
        "summary": f"{_what(slo, service)} burns its error budget {{{{ $value | humanize }}}} times as fast as allowed",
        "description": _description(slo, service, tier),
        "runbook_url": slo.runbook or service.runbook,
    }
    return {name: text for name, text in texts.items() if text}


def _what(slo: SLO, service: Service) -> str:
    group = ", ".join(f"{label} {{{{ $labels.{label} }}}}" for label in slo.sli.by)
    return f"{service.name} {slo.name}" + (f" ({group})" if group else "")


def _description(slo: SLO, service: Service, tier: Tier) -> str:
    remaining = _asked(slo, service, naming.BUDGET_REMAINING, "humanizePercentage", "an unknown part")
    factor = plain(tier.factor(slo.period))
    exhaustion = _asked(slo, service, naming.EXHAUSTION, "humanizeDuration", "an unknown time")
    return (
        f"In the last {tier.long} the error budget of {plain(slo.budget() * 100)} % went "
        f"{{{{ $value | humanize }}}} times as fast as it may; this alert fires from {factor} on. "
        f"Of the budget for {slo.period}, {remaining} is left; at this rate it lasts {exhaustion}."
    )


def _asked(slo: SLO, service: Service, series: str, shown: str, unknown: str) -> str:
    """A template that asks Prometheus for one of the SLO's series, for the group that the alert is about."""
    matchers = [f'{naming.SERVICE}="{service.name}"', f'{naming.SLO}="{slo.name}"']
    matchers += [f"{label}=%q" for label in slo.sli.by]
    values = "".join(f" $labels.{label}" for label in slo.sli.by)
    query = f"printf `{series}{{{','.join(matchers)}}}`{values}"
    return f"{{{{ with {query} | query }}}}{{{{ . | first | value | {shown} }}}}{{{{ else }}}}{unknown}{{{{ end }}}}"
