"""Who takes the money: one file for each provider, one line for each in `registry`."""
