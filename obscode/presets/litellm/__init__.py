"""LiteLLM, a gateway of language models: its metrics, what is recorded of them, alerts and panels."""
