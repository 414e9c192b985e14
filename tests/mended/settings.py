"""Settings of an estimator or of fit that are none: a number outside its range, a word nobody knows."""

# ruff: noqa: E501  what is said is said whole

from mends import Case

CASES = (
    Case(
        "rw.Recommender(epochs=2.5).fit(ratings)",
        "epochs=2.5",
        "epochs=20 is usual",
        "rw.Recommender(epochs=20, factors=2).fit(ratings)",
        site="Recommender._check_settings: whole | epochs=20 is usual",
    ),
    Case(
        "rw.Recommender(epochs=1, seed=-1).fit(ratings)",
        "seed=-1",
        "seed=0 is the default",
        "rw.Recommender(epochs=1, seed=0).fit(ratings)",
        site="Recommender._check_settings: whole | seed=0 is the default",
    ),
    Case(
        'rw.Recommender(model="matrix").fit(ratings)',
        "model='matrix'",
        "leave it out",
        "rw.Recommender(epochs=1).fit(ratings)",
        site="Recommender._known_model: one_of | leave it out",
    ),
    Case(
        'rw.Recommender(model="biases_only", factors=3).fit(ratings)',
        "factors=3 with model='biases_only', which has no factors",
        "leave factors= out",
        'rw.Recommender(model="biases_only", epochs=1).fit(ratings)',
    ),
    Case(
        "rw.Recommender().recommend(1)",
        "this Recommender is not fitted, so it has no 'fitted_'",
        "Recommender().fit(…)",
        "rw.Recommender(epochs=1).fit(ratings).recommend(1)",
    ),
    Case(
        "rw.Recommender().set_params(factor=3)",
        "'factor' is no setting of Recommender",
        "did you mean 'factors'?",
        "rw.Recommender().set_params(factors=3)",
    ),
    Case(
        "rw.Recommender().set_params(xyzzy=3)",
        "'xyzzy' is no setting of Recommender",
        "name one of them",
        'rw.Recommender().set_params(model="biases_only")',
    ),
    Case(
        "rw.Recommender(epochs=1).fit(ratings, batchsize=3)",
        "'batchsize' is no option of fit",
        "did you mean 'batch_size'?",
        "rw.Recommender(epochs=1).fit(ratings, batch_size=3)",
    ),
    Case(
        "rw.Recommender(epochs=1).fit(ratings, xyzzy=3)",
        "'xyzzy' is no option of fit",
        "leave it out",
        "rw.Recommender(epochs=1).fit(ratings)",
    ),
    Case(
        "rw.Recommender(epochs=1).fit(ratings, batch_size=0)",
        "batch_size=0",
        "leave it out for the default",
        "rw.Recommender(epochs=1).fit(ratings)",
        site="whole: …=… | leave it out for the default",
    ),
    Case(
        'rw.Recommender(epochs=1).fit(ratings, progress="yes")',
        "progress='yes'",
        "leave it out for the default",
        "rw.Recommender(epochs=1).fit(ratings)",
        site="flag: …=… | leave it out for the default",
    ),
    Case(
        'rw.Recommender(epochs=1).fit(ratings, engine="gpu")',
        "engine='gpu'",
        "engine='auto' chooses",
        'rw.Recommender(epochs=1).fit(ratings, engine="auto")',
        site="one_of | engine='auto' chooses",
    ),
    Case(
        'rw.Recommender(epochs=1).fit(ratings, engine="llvmm")',
        "engine='llvmm'",
        "did you mean 'llvm'?",
        'rw.Recommender(epochs=1).fit(ratings, engine="llvm")',
    ),
    Case(
        "rw.Recommender(epochs=1).fit(ratings, patience=3)",
        "patience=3 without validation",
        "add validation=0.1, or leave patience out",
        "rw.Recommender(epochs=1).fit(ratings, patience=3, validation=0.1)",
    ),
    Case(
        "rw.Recommender(epochs=1).fit(ratings, validation=3)",
        "validation=3",
        "validation=0.1 holds back a tenth",
        "rw.Recommender(epochs=1).fit(ratings, validation=0.1)",
    ),
    Case(
        'rw.Recommender(epochs=1).fit(ratings, update="lazy")',
        "update='lazy'",
        "update='sparse' is the default",
        'rw.Recommender(epochs=1).fit(ratings, update="sparse")',
        site="one_of | update='sparse' is the default",
    ),
    Case(
        'rw.Recommender(epochs=1).fit(ratings, parallel="yes")',
        "parallel='yes'",
        "leave it out: the result is then the same each time",
        "rw.Recommender(epochs=1).fit(ratings)",
        site="one_of | leave it out: the result is then the same each time",
    ),
    Case(
        "rw.Recommender(epochs=1).fit(ratings, checkpoint=3)",
        "checkpoint=3",
        "checkpoint='training.ckpt'",
        'rw.Recommender(epochs=1).fit(ratings, checkpoint="training.ckpt")',
    ),
    Case(
        "rw.Recommender(epochs=1).fit(ratings, watch=3)",
        "watch=3",
        "watch=frame.row(0, named=True)",
        """
frame = ratings
rw.Recommender(epochs=1).fit(frame, watch=frame.row(0, named=True))
""",
        site="mapping | watch=frame.row(0, named=True)",
    ),
    Case(
        "rw.Recommender(epochs=1, learning_rate=-1).fit(ratings)",
        "learning_rate=-1",
        "leave it out for the default",
        "rw.Recommender(epochs=1, learning_rate=0.001).fit(ratings)",
        site="number: …=… | leave it out for the default",
    ),
    Case(
        "rw.Recommender(epochs=1).fit(ratings, sample_weight=[1.0, 2.0])",
        "2 weights and 48 examples",
        "give an array as long as the data, or the name of a column",
        "rw.Recommender(epochs=1).fit(ratings, sample_weight=np.ones(len(ratings)))",
    ),
    Case(
        "rw.Recommender(epochs=1).fit(ratings, sample_weight=-np.ones(len(ratings)))",
        "the weight of example 0 is -1",
        "a weight of 0 leaves an example out, one of 2 is as if it were there twice",
        "rw.Recommender(epochs=1).fit(ratings, sample_weight=np.arange(len(ratings)) % 3)",
    ),
    Case(
        'rw.Recommender(epochs=1).fit(ratings, class_weight="balanced")',
        "class_weight='balanced' with a target that is no class",
        "sample_weight= weighs examples of any kind",
        "rw.Recommender(epochs=1).fit(ratings, sample_weight=np.ones(len(ratings)))",
    ),
    Case(
        'rw.Recommender(epochs=1).fit(ratings, class_weight="xyzzy")',
        "class_weight='xyzzy'",
        "class_weight={0: 1.0, 1: 5.0} counts the second class five times",
        "rw.TextClassifier(epochs=1).fit(texts, [0, 1] * 4, class_weight={0: 1.0, 1: 5.0})",
        site="one_of | class_weight={0: 1.0, 1: 5.0} counts the second class five times",
    ),
    Case(
        "rw.Recommender(epochs=1).fit(ratings, class_weight={0: -1.0})",
        "class_weight[0]=-1.0",
        "class_weight={0: 1.0, 1: 5.0} counts the second class five times",
        "rw.TextClassifier(epochs=1).fit(texts, [0, 1] * 4, class_weight={0: 1.0, 1: 5.0})",
        site="number | class_weight={0: 1.0, 1: 5.0} counts the second class five times",
    ),
    Case(
        'rw.Recommender(task="xyzzy").fit(ratings)',
        "task='xyzzy'",
        "leave it out",
        "rw.Recommender(epochs=1).fit(ratings)",
        site="Recommender._check_settings: one_of | leave it out",
    ),
    Case(
        'rw.Recommender(task="ranking").fit(ratings, epochs=3)',
        "epochs= with lists, which are solved for and not trained",
        "leave epochs= out, or task='ratings'",
        "rw.Recommender(task='ratings').fit(ratings, epochs=3)",
    ),
    Case(
        'rw.Recommender(task="ranking").fit(ratings).partial_fit(ratings)',
        "partial_fit of lists, which are solved for as a whole",
        "fit on the old pairs and the new: it takes seconds",
        'rw.Recommender(task="ranking").fit(pl.concat([ratings, ratings]))',
    ),
    Case(
        'rw.Recommender(task="ranking").fit(ratings).fitted_.fit(ratings)',
        "item_to_item reads what users have, and no epoch of examples trains it",
        "Recommender(task='ranking').fit(pairs) solves for it as a whole; update(pairs) takes more pairs in",
        "pairs = ratings.select(pl.col(ratings.columns[:2]))\nRecommender = rw.Recommender\nRecommender(task='ranking').fit(pairs).update(pairs)",
    ),
    Case(
        'rw.Recommender(task="ranking", likes=9).fit(ratings)',
        "no stars is 9 or more",
        "likes=5 takes the highest",
        'rw.Recommender(task="ranking", likes=5).fit(ratings)',
    ),
    Case(
        'rw.TextClassifier(epochs=1).fit(texts, labels, class_weight={"maybe": 2.0})',
        "class_weight has a weight for 'maybe'",
        "a class without a weight counts for 1",
        "rw.TextClassifier(epochs=1).fit(texts, labels, class_weight={'yes': 2.0})",
    ),
    Case(
        'rw.Recommender(epochs=1).fit(ratings, optimizer="adagrd")',
        "optimizer='adagrd' is not in Optax",
        "did you mean 'adagrad'?",
        'rw.Recommender(epochs=1).fit(ratings, optimizer="adagrad")',
    ),
    Case(
        'rw.Recommender(epochs=1).fit(ratings, optimizer="xyzzy")',
        "optimizer='xyzzy' is not in Optax",
        "optimizer='adagrad' suits most models of rows",
        'rw.Recommender(epochs=1).fit(ratings, optimizer="adagrad")',
    ),
    Case(
        "rw.Recommender(epochs=1).fit(ratings, optimizer=lambda rate: 3)",
        "optimizer='<lambda>' makes no optimizer of a learning rate (it gives no optax.GradientTransformation)",
        "functools.partial(optax.adam, b1=0.8) fixes the other settings",
        """
import functools
rw.Recommender(epochs=1).fit(ratings, optimizer=functools.partial(optax.adam, b1=0.8))
""",
    ),
    Case(
        "rw.Recommender(epochs=1).fit(ratings, optimizer=optax.chain(optax.clip_by_global_norm(1.0), optax.sgd(0.1)))",
        "the optimizer 'optax' reads the gradients of all rows at once, as a global norm does",
        "leave that part out; optax.clip(1.0) limits each number by itself",
        "rw.Recommender(epochs=1).fit(ratings, optimizer=optax.chain(optax.clip(1.0), optax.sgd(0.1)))",
        site="_not_rowwise | leave that part out; optax.clip(1.0) limits each number by itself",
    ),
    Case(
        """
schedule = optax.linear_schedule(0.1, 0.0, 100)
rw.Recommender(epochs=1).fit(ratings, optimizer=optax.adam(schedule))
""",
        "the optimizer 'optax' counts steps for a schedule (ScaleByScheduleState)",
        "fit(optimizer=optax.adam, learning_rate=schedule): a schedule is called with the epoch",
        """
schedule = rw.linear_decay(0.05, 20)
timed_model = rw.zoo.matrix_factorization.replace(user=rw.Row("user", 2), item=rw.Row("film", 2), user_bias=rw.Row("user"), item_bias=rw.Row("film"), target="stars")
timed_model.fit(ratings, epochs=1, optimizer=optax.adam, learning_rate=schedule)
""",
        site="_not_rowwise | fit(optimizer=optax.adam, learning_rate=schedule): a schedule is called with the epoch",
    ),
    Case(
        "rw.TextClassifier(text=3).fit(texts, labels)",
        "text=3",
        "text=rw.Text(ngrams=2)",
        "rw.TextClassifier(text=rw.Text(ngrams=2), epochs=1).fit(texts, labels)",
    ),
    Case(
        "rw.TextClassifier(dim=0).fit(texts, labels)",
        "dim=0",
        "dim=16 is the default",
        "rw.TextClassifier(dim=16, epochs=1).fit(texts, labels)",
        site="whole | dim=16 is the default",
    ),
    Case(
        "rw.TextClassifier(seed=None).fit(texts, labels)",
        "seed=None",
        "seed=0 is the default",
        "rw.TextClassifier(seed=0, epochs=1).fit(texts, labels)",
        site="TextClassifier._check_settings: whole | seed=0 is the default",
    ),
    Case(
        'rw.TextClassifier(model="xyzzy").fit(texts, labels)',
        "model='xyzzy'",
        "leave it out",
        "rw.TextClassifier(epochs=1).fit(texts, labels)",
        site="TextClassifier._check_settings: one_of | leave it out",
    ),
    Case(
        "rw.TextClassifier(column=3).fit(texts, labels)",
        "column=3",
        "leave it out for the default",
        "rw.TextClassifier(epochs=1).fit(texts, labels)",
        site="name_of_column | leave it out for the default",
    ),
    Case(
        'rw.TextClassifier(column="a", target="a").fit(texts, labels)',
        "column='a' and target='a'",
        "leave one of them out",
        'rw.TextClassifier(target="a", epochs=1).fit(texts, labels)',
    ),
    Case(
        "fitted.fit(ratings, sample_weight=np.ones(len(ratings)))",
        "weights for matrix_factorization, which was fitted without",
        "fit it anew with sample_weight= or class_weight=",
        "rw.Recommender(epochs=1, factors=2).fit(ratings, sample_weight=np.ones(len(ratings))).fitted_.fit(ratings, sample_weight=np.ones(len(ratings)))",
    ),
    Case(
        'fitted.fit(ratings, trainable={"xyzzy": True})',
        "trainable={'xyzzy': True}, and matrix_factorization knows nothing that would move 'xyzzy'",
        "name a table or a dense weight of the model",
        'fitted.fit(ratings, trainable={"user": True})',
    ),
    Case(
        "fitted.fit(ratings, trainable=3)",
        "trainable=3",
        "trainable={'user': False} freezes the table user",
        "fitted.fit(ratings, trainable={'user': False})",
        site="mapping | …",
    ),
    Case(
        "fitted.fit(ratings, trainable={name: False for name in fitted.program.updates})",
        "everything in matrix_factorization is frozen",
        "trainable={'user': True}",
        "fitted.fit(ratings, trainable={'user': True})",
    ),
)
