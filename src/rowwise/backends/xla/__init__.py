"""Program → batches compiled by XLA."""
