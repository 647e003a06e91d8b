"""PromQL and the small languages of its surroundings.

- `parser` parses expressions into the typed `syntax_tree`; `types` infers labels, samples, values and
  units, `positions` locates nodes in the text, `errors` has what is raised.
- `tokens` is the tokenizer; `spans` (positions of selectors in panels), `rewrite` (splitting source text) and
  `grafana_variables` use it.
- `go_regex` judges regular expressions, `alert_template` Go templates in alerts, `duration` durations.
"""
