"""Work beside the requests: durable jobs, and the dispatcher that hands events to handlers."""
