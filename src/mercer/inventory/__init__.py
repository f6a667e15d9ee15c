"""What is in stock: warehouses, the channels that they serve, and quantities per variant.

Owns no products; a shipment is `fulfilment`'s.
"""
