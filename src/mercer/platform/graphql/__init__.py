"""GraphQL: schemas assembled from modules' shares, reads compiled to SQL, documents and their limits."""
