"""Folders of saved models, and checkpoints."""

from mends import Case

CASES = (
    Case(
        "rowwise evaluate no_model ratings.csv",
        "no_model holds no saved model",
        "there is no such folder: check the path",
        "rowwise evaluate model ratings.csv",
    ),
    Case(
        """
import os; os.mkdir("m")
rowwise evaluate m ratings.csv
""",
        "m holds no saved model",
        "check the path",
        "rowwise evaluate model ratings.csv",
    ),
    Case(
        "rowwise train ratings.csv -o ratings.csv --epochs 1",
        "ratings.csv exists and is not a saved model",
        "give another name",
        "rowwise train ratings.csv -o m --epochs 1",
    ),
    Case(
        """
put("thesis/thesis.txt", "precious")
rowwise train ratings.csv -o thesis --epochs 1
""",
        "thesis exists and is not a saved model",
        "give another name",
        "rowwise train ratings.csv -o model2 --epochs 1",
    ),
    Case(
        """
put("model/thesis.txt", "precious")
rowwise train ratings.csv -o model --epochs 1
""",
        "model holds thesis.txt, which is not part of the model there",
        "move thesis.txt away, or give another name",
        """
put("model/thesis.txt", "precious"); import os; os.rename("model/thesis.txt", "thesis.txt")
rowwise train ratings.csv -o model --epochs 1
""",
    ),
    Case(
        """
put("model/tables.safetensors", b"x")
rowwise info model
""",
        "model is damaged: tables.safetensors is not the file that was saved",
        "copy the folder again from where it came, or train again",
        "rowwise train ratings.csv -o model2 --epochs 1",
    ),
    Case(
        """
put("k", "x")
rowwise train ratings.csv -o m --epochs 1 --checkpoint k
""",
        "checkpoint k cannot be read (Error while deserializing header: header too small)",
        "delete k to start afresh",
        """
import pathlib; put("k", "x"); pathlib.Path("k").unlink()
rowwise train ratings.csv -o m --epochs 1 --checkpoint k
""",
    ),
    Case(
        """
rw.Recommender(factors=2, epochs=1).fit(ratings, checkpoint="k", progress=False)
rowwise train ratings.csv -o m --epochs 1 --factors 3 --checkpoint k
""",
        "checkpoint k belongs to another run",
        "delete k to start afresh, or give another --checkpoint",
        """
rw.Recommender(factors=2, epochs=1).fit(ratings, checkpoint="k", progress=False)
rowwise train ratings.csv -o m --epochs 1 --factors 3 --checkpoint k2
""",
        site="checkpoint … belongs to another run | delete … to start afresh, or give another checkpoint=",
    ),
)
