"""What Mercer tells about itself while it runs: logs, metrics, traces."""
