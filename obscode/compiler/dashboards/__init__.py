"""Generated dashboards of services and SLOs: definitions that pure functions build.

Their panels query recorded series and metrics of the catalog, so that no panel is empty while there is data.
"""
