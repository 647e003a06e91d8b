"""Names of metrics: their words, what these say about whose requests are counted, and selectors."""

from __future__ import annotations

import re

from obscode.promql.tokens import is_plain_metric, quote

# `Requests5XX`, `http_responses_2xx_total`, `:tensorflow:serving:request_count`.
_WORD = re.compile("[1-5][xX]{2}(?![a-zA-Z])|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
# Requests that the service sends, those of Prometheus, and those to parts that users do not see. What Envoy sends to a
# cluster are the requests of its users.
_OF_OTHERS = re.compile(
    "client|promhttp|scrape|(?<!envoy_cluster_)upstream|outgoing|outbound|egress|datasource|plugin|notification|notifier|remote|external"
    "|cloudprovider|admission|authenticat|authoriz|etcd_request|storage|database|redis|memcached|kafka|s3_|_s3|dns_|smtp"
    "|cache|sql|internal|peer|raft|gossip|replicat|kubelet_runtime|leader|discovery|forward"
)


def name_words(name: str) -> tuple[str, ...]:
    """The words of a name, in lower case."""
    return tuple(word.lower() for word in _WORD.findall(name))


def is_of_server(name: str) -> bool:
    """False for requests that the service sends, or that no user waits for."""
    return not _OF_OTHERS.search(name.lower())


def series(name: str, *matchers: str) -> str:
    """A selector of series; a name that Prometheus 2 does not accept is quoted."""
    if is_plain_metric(name):
        return f"{name}{{{', '.join(matchers)}}}" if matchers else name
    return f"{{{', '.join([quote(name), *matchers])}}}"


def plain(label: str) -> str:
    """A label without dots: `http.route` is `http_route`."""
    return label.replace(".", "_")
