"""Cells that hold lists: ids, what each counts for, numbers, labels."""

# ruff: noqa: E501  what is said is said whole

from mends import Case

BAG = """
@rw.model(target="y", loss=rw.squared_error)
def m(word=rw.Bag("words")): return word
frame = pl.DataFrame({"words": [[1, 2], [3]], "y": [1.0, 2.0], "w": [[1.0, 2.0], [0.5]], "v": [[1.0, 2.0], [3.0, 4.0]]})
"""
WEIGHED = BAG.replace('"words")): ', '"words", weights="w")): ')
VALUES = BAG.replace('"words")): return word', '"words"), v=rw.Value("v", 2)): return word + v.sum()')
LABELS = """
@rw.model(target="y", loss=rw.multilabel_cross_entropy)
def m(word=rw.Bag("words", 2)): return word
frame = pl.DataFrame({"words": [[1, 2], [3]], "y": [[0, 1], [1, 0]]})
"""

CASES = (
    Case(
        BAG + "m.fit(frame.with_columns(words=pl.lit('good film')))",
        "the frame: column 'words' holds String",
        "pl.col('words').str.split(' ') makes lists of text",
        BAG + "m.fit(frame.with_columns(words=pl.lit('good film')).with_columns(pl.col('words').str.split(' ')))",
    ),
    Case(
        BAG + "m.fit(frame.with_columns(words=pl.Series([[1.0], [1.5]])))",
        "the frame, row 1: 'words' holds 1.5",
        "correct the row, or leave it out",
        BAG + "m.fit(frame.with_columns(words=pl.Series([[1.0], [2.0]])))",
        site="_check_ids: …: … holds … | …",
    ),
    Case(
        WEIGHED + "m.fit(frame.with_columns(w=1.0))",
        "the frame: column 'w' holds Float64",
        "give as many numbers as 'words' has ids, or leave weights= out of the Bag",
        WEIGHED + "m.fit(frame.with_columns(w=pl.col('words').cast(pl.List(pl.Float64))))",
    ),
    Case(
        WEIGHED + "m.fit(frame.with_columns(w=pl.Series([[1.0], [0.5]])))",
        "the frame, row 0: 'words' has 2 ids, 'w' has 1 numbers",
        "correct the row, or leave it out",
        WEIGHED + "m.fit(frame.with_columns(w=pl.Series([[1.0, 1.0], [0.5]])))",
        site="…: … has … ids, … has … numbers | …",
    ),
    Case(
        WEIGHED + "m.fit(frame.with_columns(w=pl.Series([[1.0, -1.0], [0.5]])))",
        "the frame, row 0: 'w' holds -1.0 for 2",
        "correct the row, or leave it out",
        WEIGHED + "m.fit(frame.with_columns(w=pl.Series([[1.0, 1.0], [0.5]])))",
        site="_check_weights: …: … holds … for … | …",
    ),
    Case(
        VALUES.replace('"v", 2', '"v"') + "m.fit(frame)",
        "the frame, row 0: 'v' is [1.0, 2.0]",
        "write rw.Value('v', size), where size is how many numbers each cell holds",
        "size = 2\n" + VALUES.replace('"v", 2', "'v', size") + "m.fit(frame)",
    ),
    Case(
        LABELS + "m.fit(frame.with_columns(y=pl.Series([[0, 1], [1]])))",
        "the frame, row 1: 'y' is [1]",
        "give a 0 or a 1 for each label in each cell",
        LABELS + "m.fit(frame)",
    ),
    Case(
        LABELS + "m.fit(frame.with_columns(y=pl.Series([[0, 1], [1, 2]])))",
        "the frame: 'y' is 2 in 1 rows",
        "write 1 for each label that an example has",
        LABELS + "m.fit(frame)",
        site="check_targets: …: … is … in … rows | …",
    ),
    Case(
        WEIGHED + "m.fit(frame).steps({'words': [1, 2], 'w': [1.0]})",
        "'w' is [1.0]",
        "write a list of 2 numbers",
        WEIGHED + "m.fit(frame).steps({'words': [1, 2], 'w': [1.0, 2.0]})",
    ),
    Case(
        BAG.replace("squared_error", "poisson") + "m.fit(frame.with_columns(y=pl.Series([1.0, -2.0])))",
        "the frame: 'y' is -2.0 in 1 rows",
        "use loss=rw.squared_error for numbers below 0",
        BAG.replace("rw.squared_error", "rw.squared_error") + "m.fit(frame.with_columns(y=pl.Series([1.0, -2.0])))",
        site="check_targets: …: … is … in … rows | …",
    ),
    Case(
        BAG.replace("squared_error", "binary_cross_entropy") + "m.fit(frame)",
        "the frame: 'y' is 2.0 in 1 rows",
        "write the target as 0 and 1, or use loss=rw.squared_error",
        BAG.replace("rw.squared_error", "rw.squared_error") + "m.fit(frame)",
        site="check_targets: …: … is … in … rows | …",
    ),
    Case(
        BAG.replace("squared_error", "hinge") + "m.fit(frame)",
        "the frame: 'y' is 2.0 in 1 rows",
        "write the target as 0 and 1",
        BAG.replace("squared_error", "hinge") + "m.fit(frame.with_columns(y=pl.Series([0, 1])))",
        site="check_targets: …: … is … in … rows | …",
    ),
    Case(
        BAG.replace("squared_error", "categorical_cross_entropy").replace('"words")', '"words", 2)')
        + "m.fit(frame.with_columns(y=pl.Series([0, 2])))",
        "the target is class 2 in 1 examples",
        "leave those examples out, or fit a model that returns a score for each class",
        BAG.replace("squared_error", "categorical_cross_entropy").replace('"words")', '"words", 3)')
        + "m.fit(frame.with_columns(y=pl.Series([0, 2])))",
    ),
    Case(
        BAG.replace("squared_error", "binary_cross_entropy")
        + "m.fit(pl.concat([frame, frame]).with_columns(y=pl.Series(['a', 'b', 'c', 'a'])))",
        "the frame: 'y' is one of 3 classes: a, b, c …",
        "return one score for each class, and use loss=rw.categorical_cross_entropy",
        BAG.replace("squared_error", "categorical_cross_entropy")
        .replace('"words")', '"words", 3)')
        .replace("loss=rw", "loss=rw")
        + "m.fit(pl.concat([frame, frame]).with_columns(y=pl.Series(['a', 'b', 'c', 'a'])))",
    ),
    Case(
        BAG.replace("squared_error", "binary_cross_entropy")
        + "m.fit(frame.with_columns(y=pl.Series(['no', 'yes']))).evaluate(frame.with_columns(y=pl.Series(['no', None])))",
        "the frame, row 1: 'y' is empty",
        "correct the row, or leave it out",
        BAG.replace("squared_error", "binary_cross_entropy")
        + "m.fit(frame.with_columns(y=pl.Series(['no', 'yes']))).evaluate(frame.with_columns(y=pl.Series(['no', 'no'])))",
        site="numbered: …: … is … | …",
    ),
)
