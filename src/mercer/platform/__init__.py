"""What every module stands on: settings, database, cache, GraphQL, HTTP, logs. Knows no shop."""
