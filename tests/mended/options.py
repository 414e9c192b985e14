"""Commands and options that are mistyped, or do not go together."""

# ruff: noqa: E501  what is said is said whole

from mends import Case

CASES = (
    Case(
        "rowwise trian ratings.csv",
        "there is no command 'trian'",
        "did you mean 'train'?",
        "rowwise train ratings.csv -o m --epochs 1",
    ),
    Case(
        "rowwise xyzzy",
        "there is no command 'xyzzy'",
        "rowwise --help lists them",
        "rowwise --help",
    ),
    Case(
        "rowwise train ratings.csv --epoch 3",
        "no such option: --epoch",
        "did you mean '--epochs'?",
        "rowwise train ratings.csv -o m --epochs 3",
    ),
    Case(
        "rowwise train",
        "missing argument 'RATINGS'",
        "rowwise train --help shows an example",
        "rowwise train --help",
    ),
    Case(
        "rowwise train ratings.csv -o m --epochs 0",
        "--epochs 0",
        "--epochs 20 is usual",
        "rowwise train ratings.csv -o m --epochs 20",
    ),
    Case(
        "rowwise train ratings.csv -o m --learning-rate 1e39",
        "--learning-rate 1e39",
        "--learning-rate 0.022 is usual",
        "rowwise train ratings.csv -o m --epochs 1 --learning-rate 0.022",
    ),
    Case(
        "rowwise train ratings.csv -o m --validation 2",
        "--validation 2",
        "--validation 0.1 holds back a tenth, 0 nothing",
        "rowwise train ratings.csv -o m --epochs 1 --validation 0.1",
    ),
    Case(
        "rowwise train ratings.csv -o m --text text --user user",
        "--user with --text",
        "leave --user out",
        "rowwise train texts.csv -o m --text text",
    ),
    Case(
        "rowwise train ratings.csv -o m --engine xyzzy",
        "invalid value for '--engine': 'xyzzy' is not one of 'auto', 'llvm', 'xla', 'als'",
        "rowwise train --help shows an example",
        "rowwise train --help",
    ),
    Case(
        "rowwise train ratings.csv -o m --learning-rate 1e30 --epochs 2",
        "the loss of an example is not finite in epoch 1: user 7, film 1, stars 5.0",
        "lower --learning-rate (it was 1e+30), or raise --reg; 2e-31 times the learning rate of each epoch stays finite (tried for all epochs)",
        "rowwise train ratings.csv -o m --learning-rate 0.2 --epochs 2",
        site="the loss of an example is not finite in epoch … | lower learning_rate (it was …), or raise l2",
    ),
    Case(
        "rowwise train ratings.csv -o m --model biases_only --factors 3",
        "--factors 3 with --model 'biases_only', which has no factors",
        "leave --factors out",
        "rowwise train ratings.csv -o m --model biases_only --epochs 1",
        site="…=… with model=…, which has no … | leave …= out",
    ),
)
