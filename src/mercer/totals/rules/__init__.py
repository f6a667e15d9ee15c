"""The pipeline: its arithmetic, its state and its steps. Pure."""
