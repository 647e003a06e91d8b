"""The words of a metric's name, and what they say about whose requests it is about."""

from __future__ import annotations

import re

# `Requests5XX`, `http_responses_2xx_total`, `:tensorflow:serving:request_count`.
_WORD = re.compile("[1-5][xX]{2}(?![a-zA-Z])|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
# Requests that the service sends, those of Prometheus, and those to parts that users do not see.
_OF_OTHERS = re.compile(
    "client|promhttp|scrape|upstream|outgoing|outbound|egress|datasource|plugin|notification|notifier|remote|external"
    "|cloudprovider|admission|authenticat|authoriz|etcd_request|storage|database|redis|memcached|kafka|s3_|_s3|dns_|smtp"
    "|cache|sql|internal|peer|raft|gossip|replicat|kubelet_runtime|leader|discovery|forward"
)


def name_words(name: str) -> tuple[str, ...]:
    """The words of a name, in lower case."""
    return tuple(word.lower() for word in _WORD.findall(name))


def is_of_server(name: str) -> bool:
    """False for requests that the service sends, or that no user waits for."""
    return not _OF_OTHERS.search(name.lower())
