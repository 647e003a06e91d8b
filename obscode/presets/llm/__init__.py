"""Servers of language models: what each one calls the same things. A new server is one file and one line here."""

from collections.abc import Mapping

from obscode.presets.llm.engine import Engine
from obscode.presets.llm.sglang import SGLANG
from obscode.presets.llm.tgi import TGI
from obscode.presets.llm.vllm import VLLM

#: The servers, by name.
ENGINES: Mapping[str, Engine] = {engine.name: engine for engine in (VLLM, SGLANG, TGI)}
