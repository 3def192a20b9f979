"""The bundled shop, and the order service that it asks."""
