"""HTTP: two GraphQL endpoints, probes, metrics, and what surrounds each request."""
