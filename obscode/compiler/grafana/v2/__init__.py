"""Classic dashboards as specs of version 2 of Grafana's API.

The conversion is Grafana's own, in `apps/dashboard/pkg/migration/conversion/v1_to_v2alpha1.go` of its repository; tabs,
automatic grids and conditions come from the definition.
"""
