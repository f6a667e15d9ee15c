"""What the hot operations cost over HTTP: Mercer against the same SQL sent raw, and against plain resolvers.

`python -m bench` prepares the databases, starts the API on each, and prints ratios: absolute figures are the machine's.
"""
