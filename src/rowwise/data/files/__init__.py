"""A name, an address or a query in, its cells out, each opened once; and a frame out to any of them."""
