"""What `rowwise demo` trains and shows."""
