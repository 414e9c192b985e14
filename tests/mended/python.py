"""Errors that a person meets who writes Python."""

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
        "timed.recommend(1)",
        "timed also reads hour",
        "recommend(users, values={'hour': 1.0}) with values of yours",
        'timed.recommend(1, values={"hour": 1.0})',
    ),
    Case(
        "timed.recommend(1, values=12)",
        "values=12",
        "values={'hour': 12}",
        'timed.recommend(1, values={"hour": 12})',
        site="mapping | values={'hour': 12}",
    ),
    Case(
        "fitted.recommend(1, n=2.0)",
        "n=2.0",
        "n=10 is usual",
        "fitted.recommend(1, n=10)",
        site="recommend: whole | n=10 is usual",
    ),
    Case(
        'fitted.recommend(1, seen="kep")',
        "seen='kep'",
        "did you mean 'keep'?",
        'fitted.recommend(1, seen="keep")',
    ),
    Case(
        "fitted.recommend(None)",
        "None is no user",
        "give ids as the training data have them, such as 0",
        "fitted.recommend(0)",
    ),
    Case(
        'fitted.recommend(ratings.rename({"user": "who"}))',
        "the frame has no column 'user'",
        "rename the column, or give the column itself",
        'fitted.recommend(ratings.rename({"user": "who"})["who"])',
    ),
    Case(
        'fitted.recommend("bob")',
        "'bob' can be no user",
        "check the id",
        'fitted.recommend("3")',
    ),
    Case(
        "fitted.similar([1, 2])",
        "[1, 2] is no single film",
        "ask for one after the other",
        "[fitted.similar(id) for id in (1, 2)]",
    ),
    Case(
        "fitted.similar(1, n=0)",
        "n=0",
        "n=10 is usual",
        "fitted.similar(1, n=10)",
        site="similar: whole | n=10 is usual",
    ),
    Case(
        'fitted.similar(1, column="stars")',
        "matrix_factorization has no table of several numbers a row for column 'stars'",
        "column='film', table='item'",
        'fitted.similar(1, column="film", table="item")',
    ),
    Case(
        'fitted.table("xyzzy")',
        "matrix_factorization has no table 'xyzzy'",
        "table('user')",
        'fitted.table("user")',
    ),
    Case(
        'fitted.play("p.html")',
        "matrix_factorization kept no example while it was trained",
        "fit(data, watch={'userId': 15, 'movieId': 32, 'rating': 4.5}) with columns of yours",
        'rw.Recommender(epochs=1, factors=2).fit(ratings, watch={"user": 1, "film": 2, "stars": 4.5}).fitted_.play("p.html")',
    ),
    Case(
        'fitted.encode("good film")',
        "matrix_factorization reads no texts from column=None",
        "steps takes an example of any model",
        'fitted.steps({"user": 1, "film": 2})',
    ),
    Case(
        'fitted.steps({"user": 1})',
        "the example has no 'film', only 'user'",
        "add 'film' to the example",
        'fitted.steps({"user": 1, "film": 2})',
    ),
    Case(
        'timed.steps({"user": 1, "film": 2, "hour": float("nan")})',
        "'hour' of the example is nan",
        "give 1.0 or other finite numbers",
        'timed.steps({"user": 1, "film": 2, "hour": 1.0})',
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
        'rw.TextClassifier().fit("good film", labels)',
        "the texts are 'good film'",
        "give a list, also of a single text: ['…']",
        'rw.TextClassifier(epochs=1).fit(["good film"] * 8, labels)',
    ),
    Case(
        'rw.TextClassifier().fit(texts, ["yes"] * 8)',
        "all 8 labels are 'yes'",
        "give texts of the other class too",
        'rw.TextClassifier(epochs=1).fit(texts + ["awful"], ["yes"] * 8 + ["no"])',
    ),
    Case(
        'rw.TextClassifier().fit(texts, ["yes", None] * 4)',
        "the label of text 1 is missing",
        "leave it out",
        "rw.TextClassifier(epochs=1).fit(texts[:-1], labels[:-1])",
    ),
    Case(
        "rw.TextClassifier().fit(texts, np.full((8, 2), 3))",
        "the labels are a matrix, and not all of them 0 or 1",
        "of one label a text, give a list",
        "rw.TextClassifier(epochs=1).fit(texts, [3, 4] * 4)",
    ),
    Case(
        "rw.TextClassifier().fit(texts, np.zeros((3, 2)))",
        "8 texts and 3 lines of labels",
        "take the texts and the labels from the same rows",
        "rw.TextClassifier(epochs=1).fit(texts, np.eye(2)[[0, 1] * 4])",
    ),
    Case(
        'rw.TextClassifier().fit(pl.DataFrame({"a": texts, "b": texts}), labels)',
        "the texts are a frame of 2 columns",
        "give it alone: frame['a']",
        """
frame = pl.DataFrame({"a": texts, "b": texts})
rw.TextClassifier(epochs=1).fit(frame["a"], labels)
""",
    ),
    Case(
        "rw.Recommender().fit([])",
        "there are no rows",
        "check how they were made",
        "rw.Recommender(epochs=1).fit(ratings.rows())",
    ),
    Case(
        "rw.Recommender().fit([(1, 2, 3), (1, 2)])",
        "row 1 has 2 cells",
        "give each row all its cells, with None where one is missing",
        "rw.Recommender(epochs=1).fit([(1, 2, 3), (1, 4, 4)])",
    ),
    Case(
        'rw.Recommender().fit({"user": [1, 2], "film": [1], "stars": [1, 2]})',
        "the columns cannot be read: 'user' has 2, 'film' has 1, 'stars' has 2 cells",
        "give each row a cell in every column, None where it is missing",
        'rw.Recommender(epochs=1).fit({"user": [1, 2], "film": [1, 2], "stars": [1, 2]})',
    ),
    Case(
        "rw.Recommender().fit(42)",
        "a int cannot be read as rows and columns",
        "turn it into a Polars frame",
        "rw.Recommender(epochs=1).fit(pl.DataFrame(ratings))",
    ),
    Case(
        'rw.Recommender().fit({"user": [1, "a"], "film": [1, 2], "stars": [1, 2]})',
        "column 'user' mixes types: 1 is int, 'a' is str",
        "turn all of them into text: str(id)",
        'rw.Recommender(epochs=1).fit({"user": [str(id) for id in [1, "a"]], "film": [1, 2], "stars": [1, 2]})',
    ),
    Case(
        'rw.Recommender().fit({"user": [1.5, 2.0], "film": [1, 2], "stars": [1, 2]})',
        "the frame, row 0: 'user' is 1.5",
        "turn the column into text or integers where it is made",
        'rw.Recommender(epochs=1).fit({"user": ["1.5", "2"], "film": [1, 2], "stars": [1, 2]})',
    ),
    Case(
        'rw.Recommender().fit(ratings.with_columns(stars=pl.lit("many")))',
        "the frame, row 0: 'stars' is 'many'",
        "correct the row, or leave it out",
        "rw.Recommender(epochs=1).fit(ratings)",
        site="refuse: …: … is … | …",
    ),
    Case(
        "rw.Recommender().fit(gaps)",
        "the frame, row 1: 'stars' is empty",
        "correct the row, or leave it out",
        'rw.Recommender(epochs=1).fit(ratings.filter(pl.col("film") != 3))',
        site="refuse: …: … is … | …",
    ),
    Case(
        "rw.splits.random(ratings.head(1), fraction=0.1)",
        "1 examples are left to train on and 0 to test on",
        "hold back more or fewer, or give more examples",
        "rw.splits.random(ratings, fraction=0.1)",
    ),
    Case(
        "rw.Text(ngrams=0)",
        "ngrams=0",
        "ngrams=3",
        "rw.Text(ngrams=3)",
    ),
    Case(
        'rw.Text(pad="middle")',
        "pad='middle'",
        "leave it out for the default",
        "rw.Text()",
        site="one_of: …=… | leave it out for the default",
    ),
    Case(
        "rw.Row(3)",
        "Row(3)",
        "write rw.Row('userId')",
        "rw.Row('userId')",
    ),
    Case(
        'rw.Row("user", 0)',
        "Row(dim=0)",
        "leave it out for one number a row",
        'rw.Row("user")',
        site="_check_shape | leave it out for one number a row",
    ),
    Case(
        'rw.Row("user", l2=-1)',
        "Row(l2=-1)",
        "l2=1e-4 is a little, l2=0.1 is a lot",
        'rw.Row("user", l2=1e-4)',
        site="number | l2=1e-4 is a little, l2=0.1 is a lot",
    ),
    Case(
        'rw.Row("user", table=3)',
        "Row(table=3)",
        "table='item' shares the rows of the argument item",
        "rw.Row(\"user\", table='item')",
        site="name_of_column | table='item' shares the rows of the argument item",
    ),
    Case(
        'rw.Rows("words", length=0)',
        "Rows(length=0)",
        "length=20 reads 20 ids of each list",
        'rw.Rows("words", length=20)',
        site="_check_shape | length=20 reads 20 ids of each list",
    ),
    Case(
        'rw.Bag("words", combine="product")',
        "Bag(combine='product')",
        "combine='mean' is usual",
        "rw.Bag(\"words\", combine='mean')",
        site="one_of | combine='mean' is usual",
    ),
    Case(
        'rw.Bag("words", text=3)',
        "Bag(text=3)",
        "text=rw.Text()",
        'rw.Bag("words", text=rw.Text())',
    ),
    Case(
        'rw.Bag("words", text=rw.Text(), weights="w")',
        "Bag('words', text=…, weights='w')",
        "give a column of lists of words, without text=; or leave weights= out: a word counts as often as it stands in the text",
        'rw.Bag("words", weights="w"), rw.Bag("words", text=rw.Text())',
    ),
    Case(
        'rw.Value("hour", 0)',
        "Value(size=0)",
        "leave it out for one number an example",
        'rw.Value("hour")',
        site="_check_shape | leave it out for one number an example",
    ),
    Case(
        "rw.Mask(3)",
        "Mask(3)",
        "write rw.Mask('words')",
        "rw.Mask('words')",
    ),
    Case(
        "rw.Head(3)",
        "Head(3) cannot be called",
        "rw.Head(eqx.nn.MLP(100, 'scalar', 70, 1, key=jax.random.key(0)))",
        """
import equinox as eqx, jax
rw.Head(eqx.nn.MLP(100, 'scalar', 70, 1, key=jax.random.key(0)))
""",
    ),
    Case(
        "rw.Dropout(3, rate=1.0)",
        "Dropout(rate=1.0)",
        "rate=0.5 drops half",
        "rw.Dropout(3, rate=0.5)",
        site="number | rate=0.5 drops half",
    ),
    Case(
        "rw.Weight((3, 0))",
        "Weight(shape=0)",
        "a shape is a number, as in Weight(70), or several, as in Weight((70, 100))",
        "rw.Weight(70), rw.Weight((70, 100))",
        site="_check_shape | a shape is a number, as in …(70), or several, as in …((70, 100))",
    ),
    Case(
        'rw.Row("user", 3, init="xyzzy")',
        "init='xyzzy' is no initializer",
        "init='normal' is the usual start of a row",
        "rw.Row(\"user\", 3, init='normal')",
    ),
    Case(
        """
@rw.model
def m(user=rw.Row("user")): return user
""",
        "@model has no parentheses",
        "@rw.model()",
        """
@rw.model()
def m(user=rw.Row("user")): return user, user**2
""",
    ),
    Case(
        """
@rw.model(target="stars")
def m(user=rw.Row("user")): return user
""",
        "case.py:1 (m) has target='stars' and loss=None",
        "write @rw.model(target='rating', loss=rw.squared_error)",
        """
@rw.model(target='rating', loss=rw.squared_error)
def m(user=rw.Row("user")): return user
""",
    ),
    Case(
        """
@rw.model(target="stars", loss="squared_eror")
def m(user=rw.Row("user")): return user
""",
        "loss='squared_eror'",
        "loss=rw.squared_error suits ratings",
        """
@rw.model(target="stars", loss=rw.squared_error)
def m(user=rw.Row("user")): return user
""",
    ),
    Case(
        """
@rw.model(target="stars", loss=rw.squared_error)
def m(user): return user
""",
        "argument 'user' of case.py:1 (m) has no default",
        "write user=rw.Row('user', 50) if user is a row of 50 numbers",
        """
@rw.model(target="stars", loss=rw.squared_error)
def m(user=rw.Row("user", 50)): return user @ user
""",
    ),
    Case(
        """
@rw.model(target="stars", loss=rw.squared_error)
def m(hour=rw.Value("hour")): return hour
""",
        "case.py:1 (m) looks up no rows",
        "add an argument such as user=rw.Row('userId', 50)",
        """
@rw.model(target="stars", loss=rw.squared_error)
def m(user=rw.Row('userId', 50)): return user @ user
""",
    ),
    Case(
        """
@rw.model(target="stars", loss=rw.squared_error)
def m(user=rw.Row("user", 3)): return user
""",
        "case.py:1 (m) returns (3,)",
        "contract the axis that is left, for example with @ or jnp.sum",
        """
@rw.model(target="stars", loss=rw.squared_error)
def m(user=rw.Row("user", 3)): return jnp.sum(user)
""",
    ),
    Case(
        """
@rw.model(target="stars", loss=rw.squared_error)
def m(a=rw.Row("user", 3), b=rw.Row("film", 4, table="a")): return a @ b[:3]
""",
        "table 'a' of case.py:1 (m) is shared with two widths: a reads rows of (3,), b reads rows of (4,)",
        "give them the same dim, or a table each",
        """
@rw.model(target="stars", loss=rw.squared_error)
def m(a=rw.Row("user", 3), b=rw.Row("film", 3, table="a")): return a @ b
""",
    ),
    Case(
        """
@rw.model(target="stars", loss=rw.squared_error, clip="yes")
def m(user=rw.Row("user")): return user
""",
        "clip='yes'",
        "write clip='data'",
        """
@rw.model(target="stars", loss=rw.squared_error, clip='data')
def m(user=rw.Row("user")): return user
""",
    ),
    Case(
        """
@rw.model(target="stars", loss=rw.squared_error, standardize=True, range=(0, 1))
def m(user=rw.Row("user")): return user
""",
        "case.py:1 (m) has standardize=True and range=(0.0, 1.0)",
        "leave standardize out",
        """
@rw.model(target="stars", loss=rw.squared_error, range=(0, 1))
def m(user=rw.Row("user")): return user
""",
    ),
    Case(
        """
@rw.model(target="stars", loss=rw.binary_cross_entropy, standardize=True)
def m(user=rw.Row("user")): return user
""",
        "case.py:1 (m) has standardize=True and the loss binary_cross_entropy",
        "leave standardize out",
        """
@rw.model(target="stars", loss=rw.binary_cross_entropy)
def m(user=rw.Row("user")): return user
""",
    ),
    Case(
        """
@rw.model()
def m(target=rw.Row("user")): return target, target**2
""",
        "case.py:1 (m) has an argument 'target'",
        "rename the argument",
        """
@rw.model()
def m(other=rw.Row("user")): return other, other**2
""",
    ),
    Case(
        'rw.zoo.matrix_factorization.replace(usr=rw.Row("user", 2))',
        "matrix_factorization has no argument 'usr'",
        "did you mean 'user'?",
        'rw.zoo.matrix_factorization.replace(user=rw.Row("reader", 50))',
        site="… has no argument … | …",
    ),
    Case(
        'rw.zoo.matrix_factorization.replace(xyzzy=rw.Row("user", 2))',
        "matrix_factorization has no argument 'xyzzy'",
        "name an argument of the function",
        'rw.zoo.matrix_factorization.replace(user=rw.Row("reader", 50))',
    ),
    Case(
        "rw.zoo.matrix_factorization.fit(ratings)",
        "the frame has no column 'userId', which the model reads; it has user, film, stars",
        "rename 'user' to 'userId'",
        'rw.zoo.matrix_factorization.fit(ratings.rename({"user": "userId", "film": "itemId", "stars": "rating"}), epochs=1)',
    ),
    Case(
        """
@rw.model()
def own(user=rw.Row("user")): return user, (user - 1) ** 2
own.fit(ratings, validation=0.1, patience=2)
""",
        "validation and patience with own, which returns its own loss",
        "leave validation and patience out",
        """
@rw.model()
def own(user=rw.Row("user")): return user, (user - 1) ** 2
own.fit(ratings, epochs=1)
""",
    ),
    Case(
        """
@rw.model()
def own(user=rw.Row("user")): return user, (user - 1) ** 2
own.fit(ratings, epochs=1).evaluate(ratings)
""",
        "own returns its own loss, and has no target to compare predictions with",
        "predict gives the predictions, where the function returns (prediction, loss)",
        """
@rw.model()
def own(user=rw.Row("user")): return user, (user - 1) ** 2
own.fit(ratings, epochs=1).predict(ratings)
""",
    ),
    Case(
        """
@rw.model()
def own(user=rw.Row("user")): return (user - 1) ** 2
own.fit(ratings, epochs=1).predict(ratings)
""",
        "own returns its own loss and no prediction",
        "return the score beside the loss",
        """
@rw.model()
def own(user=rw.Row("user")): return user, (user - 1) ** 2
own.fit(ratings, epochs=1).predict(ratings)
""",
    ),
    Case(
        """
@rw.model()
def own(user=rw.Row("user")): return user, (user - 1) ** 2
own.fit(ratings, epochs=1).recommend(1)
""",
        "own reads the ids of user",
        "recommend needs a Row for the user and a Row for the item",
        """
@rw.model()
def own(user=rw.Row("user"), film=rw.Row("film")): return user + film, (user + film - 1) ** 2
own.fit(ratings, epochs=1).recommend(1)
""",
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
    Case(
        """
@rw.model(target="stars", loss=rw.squared_error, range=3)
def m(user=rw.Row("user")): return user
""",
        "range=3",
        "write range=(1, 5)",
        """
@rw.model(target="stars", loss=rw.squared_error, range=(1, 5))
def m(user=rw.Row("user")): return user
""",
    ),
    Case(
        "rw.splits.random(ratings, fraction=2.0)",
        "fraction=2.0",
        "fraction=0.1 holds back a tenth",
        "rw.splits.random(ratings, fraction=0.1)",
        site="number | fraction=0.1 holds back a tenth",
    ),
    Case(
        'rw.splits.last_out(ratings.with_columns(time=1), n=0, user="user", time="time")',
        "n=0",
        "leave n out to hold back one",
        'rw.splits.last_out(ratings.with_columns(time=pl.int_range(pl.len())), user="user", time="time")',
        site="whole | leave n out to hold back one",
    ),
)
