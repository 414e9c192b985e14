"""What `save` wrote, read back."""

import polars as pl

from rowwise.data.vocabulary import METADATA
from rowwise.data.word_vocabulary import saved_vocabulary


def vocabulary_in(path, name):
    """The vocabulary in one file of a folder."""
    return saved_vocabulary(pl.read_parquet(path), pl.read_parquet_metadata(path).get(METADATA), name)
