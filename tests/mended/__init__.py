"""Cases of mends, by the area in which a person meets them."""
