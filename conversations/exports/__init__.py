"""Past conversations as other systems export them."""
