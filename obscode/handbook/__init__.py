"""Pages for people on call: a page per service with its SLOs, alerts, panels and scrape jobs.

`entries` collects them from artifacts, `pages` arranges them as blocks of text, `markdown` and `html` write the blocks.
"""
