"""Program in, the text of its kernels out."""
