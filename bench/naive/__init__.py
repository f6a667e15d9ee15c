"""The same selections as most servers answer them: plain Strawberry resolvers, batched by dataloaders."""
