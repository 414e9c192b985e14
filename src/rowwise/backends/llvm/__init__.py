"""Program → one machine-code kernel made for exactly it."""
