"""Makes the reader's adapter: examples, training, figures. Never imported by app or ingest."""
