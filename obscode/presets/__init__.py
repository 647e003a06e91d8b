"""Definitions for well-known programs: the namespace `obscode.presets`. A new one is one file and one line here."""

from obscode.presets.alertmanager import alertmanager as alertmanager
from obscode.presets.batch_job import batch_job as batch_job
from obscode.presets.batch_job import pushgateway as pushgateway
from obscode.presets.canary import canary as canary
from obscode.presets.feature_drift import feature_drift as feature_drift
from obscode.presets.feature_pipeline import feature_pipeline as feature_pipeline
from obscode.presets.feature_store import feature_store as feature_store
from obscode.presets.gpu_fleet import gpu_fleet as gpu_fleet
from obscode.presets.http_service import http_service as http_service
from obscode.presets.llm_gateway import llm_gateway as llm_gateway
from obscode.presets.llm_serving import llm_serving as llm_serving
from obscode.presets.model_quality import model_quality as model_quality
from obscode.presets.node_exporter import node as node
from obscode.presets.process import process as process
from obscode.presets.process import process_alerts as process_alerts
from obscode.presets.process import process_rows as process_rows
from obscode.presets.prometheus import prometheus as prometheus
from obscode.presets.prometheus import watchdog as watchdog
from obscode.presets.quality.score_psi import histogram_psi as histogram_psi
from obscode.presets.triton import triton as triton
from obscode.presets.wilson import wilson_lower as wilson_lower
from obscode.presets.wilson import wilson_upper as wilson_upper
from obscode.presets.without_metrics import without_metrics as without_metrics
