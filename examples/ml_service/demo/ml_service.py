"""The service of `definitions/`, with a window and a `for` that are over in a minute."""

import os

from definitions.ml_service import service
from obscode import ScrapeJob

ml_service = service(
    scrape=ScrapeJob([os.environ.get("DEMO_APP", "127.0.0.1:18000")]),
    window="15s",
    for_="10s",
    tests=[],
)
