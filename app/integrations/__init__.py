"""A running groundkb inside other people's pipelines: each module needs its framework and httpx, no model."""
