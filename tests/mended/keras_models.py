"""Models in the manner of Keras: how they are put together, compiled, fitted and kept."""

# ruff: noqa: E501  what is said is said whole

from mends import Case

BEGIN = """
from rowwise.keras_style import *
clear_session()
user_in, film_in = Input(shape=(1,), name="user_in"), Input(shape=(1,), name="film_in")
u, m = Embedding(8, 3)(user_in), Embedding(8, 3)(film_in)
score = Flatten()(merge([u, m], mode="dot"))
model = Model([user_in, film_in], score)
users, films, y = ratings["user"].to_numpy(), ratings["film"].to_numpy(), ratings["stars"].to_numpy()
"""
COMPILED = "model.compile(Adam(0.001), loss='mse')\n"
PROBABLE = "model = Model([user_in, film_in], Dense(1, activation='sigmoid')(score))\n"
LIST = """
words = Input(shape=(4,), name="words")
model = Model(words, Dense(1)(Flatten()(Embedding(5, 2)(words))))
model.compile("adam", loss="mse")
"""


def case(wrong: str, given: str, mend: str, right: str, site: str = "") -> Case:
    """Of lines that have the model above to begin with."""
    return Case(BEGIN + wrong, given, mend, BEGIN + right, site)


CASES = (
    case(
        "model.get_layer('flatten')",
        "model_1 has no layer 'flatten'",
        "name the last: get_layer('flatten_1')",
        "model.get_layer('flatten_1') is score.layer",
    ),
    case(
        "model.get_layer(index=99)",
        "index=99",
        "index=-1 is the last, index=5",
        "model.get_layer(index=-1) is model.get_layer(index=5)",
    ),
    case(
        "model([user_in])",
        "model_1 was called on 1 value",
        "model_1([user_in, film_in]) with a value in place of each",
        "other = Input(shape=(1,), name='other')\nmodel([other, film_in])",
    ),
    case(
        "Model([user_in, film_in], [score, u])",
        "Model(outputs=2)",
        "write one Model for each output; they share their layers",
        "Model([user_in, film_in], score), Model([user_in], Flatten()(u))",
    ),
    case(
        "Model([u, film_in], score)",
        "model_2 is to read embedding_1",
        "Model([user_in, film_in], flatten_1)",
        "flatten_1 = score\nModel([user_in, film_in], flatten_1)",
        site="… is to read … | Model([…], …)",
    ),
    case(
        "Model([user_in], score)",
        "flatten_1 reads film_in, which model_2 is not given",
        "Model([user_in, film_in], flatten_1)",
        "flatten_1 = score\nModel([user_in, film_in], flatten_1)",
        site="… reads …, which … is not given | Model([…], …)",
    ),
    case(
        "model.compile('adm', loss='mse')",
        "optimizer='adm'",
        "optimizer='adam' is the lesson's",
        "model.compile(optimizer='adam', loss='mse')",
    ),
    case(
        "model.compile('adam', loss='msee')",
        "loss='msee'",
        "did you mean 'mse'?",
        "model.compile('adam', loss='mse')",
    ),
    case(
        "model.compile('adam', loss='mse', metrics=['xyzzy'])",
        "metrics='xyzzy'",
        "name the first of them: 'accuracy'",
        PROBABLE + "model.compile('adam', loss='binary_crossentropy', metrics=['accuracy'])",
    ),
    case(
        "model.compile('adam', loss='binary_crossentropy')",
        "loss='binary_crossentropy' after flatten_1 (Flatten)",
        "Dense(1, activation='sigmoid')",
        PROBABLE + "model.compile('adam', loss='binary_crossentropy')",
    ),
    case(
        "Model([user_in, film_in], Concatenate()([u, m])).compile('adam', loss='mse')",
        "loss='mse' of concatenate_1 (examples, 1, 6)",
        "end in merge(mode='dot'), Flatten of one number, or Dense(1)",
        "Model([user_in, film_in], Dense(1)(Concatenate()([u, m]))).compile('adam', loss='mse')",
    ),
    case(
        "model.compile('adam', loss='mse', update=7)",
        "update=7",
        "leave it out for Keras' own way",
        "model.compile('adam', loss='mse')",
        site="one_of | leave it out for Keras' own way",
    ),
    case(
        "model.fit([users, films], y)",
        "model_1 is not compiled",
        "model.compile(Adam(0.001), loss='mse')",
        "model.compile(Adam(0.001), loss='mse')\nmodel.fit([users, films], y)",
    ),
    case(
        COMPILED + "model.fit([users, films], y, shuffle=False)",
        "shuffle=False",
        "leave it out",
        COMPILED + "model.fit([users, films], y)",
    ),
    case(
        COMPILED + "model.fit([users, films], y, validation_split=10)",
        "validation_split=10",
        "validation_split=0.1 holds back a tenth",
        COMPILED + "model.fit([users, films], y, validation_split=0.1)",
        site="number | validation_split=0.1 holds back a tenth",
    ),
    case(
        "model.save_weights('w')\nmodel.save_weights('w', overwrite=False)",
        "w is there already",
        "overwrite=True replaces it",
        "model.save_weights('w')\nmodel.save_weights('w', overwrite=True)",
    ),
    case(
        "model.load_weights('w')",
        "there is no file 'w'",
        "check the path, and the folder it starts from",
        "model.save_weights('w')\nmodel.load_weights('w')",
    ),
    case(
        "put('w', 'x')\nmodel.load_weights('w')",
        "w cannot be read (…)",
        "write it anew: model.save_weights('w')",
        "model.save_weights('w')\nmodel.load_weights('w')",
    ),
    case(
        COMPILED + "model.fit([users, films])",
        "no targets for model_1",
        "fit(x, y)",
        COMPILED + "x = [users, films]\nmodel.fit(x, y)",
        site="Model._examples: no targets",
    ),
    case(
        COMPILED + "model.fit([users, films], np.where(y > 3, 'yes', 'no'))",
        "targets of model_1 are <U3, such as yes",
        "compare them with one of their values: labels == 'yes'",
        COMPILED + "labels = np.where(y > 3, 'yes', 'no')\nmodel.fit([users, films], labels == 'yes')",
    ),
    case(
        COMPILED + "model.fit([users, films], 'stars')",
        "y is 'stars'",
        "a list, also of one: ['stars']",
        COMPILED + "model.fit([users[:1], films[:1]], [5.0])",
        site="array_of: … is … | a list, also of one: […]",
    ),
    case(
        COMPILED + "model.fit([users, films], y[:5])",
        "5 targets of shape () for 48 examples",
        "take x and y from the same rows",
        COMPILED + "model.fit([users[:5], films[:5]], y[:5])",
        site="… targets of shape … for … examples | take x and y from the same rows",
    ),
    case(
        COMPILED + "model.fit([users, films[:5]], y)",
        "arrays of different lengths: user_in has 48, film_in has 5",
        "take the same rows of each: the first 5 are in all of them",
        COMPILED + "model.fit([users[:5], films[:5]], y[:5])",
    ),
    case(
        COMPILED + "model.fit([users], y)",
        "1 array for 2 Inputs: user_in, film_in",
        "fit([user_in, film_in], y) with an array under each name",
        COMPILED + "user_in, film_in = users, films\nmodel.fit([user_in, film_in], y)",
    ),
    case(
        COMPILED + "model.fit(ratings, 'stars')",
        "the data have no column 'user_in'",
        "name the Input after its column: Input(shape=(1,), name='userId')",
        """
user_in = Input(shape=(1,), name='userId')
model = Model(user_in, Dense(1)(Flatten()(Embedding(8, 3)(user_in))))
model.compile('adam', loss='mse')
model.fit(ratings.rename({'user': 'userId'}), 'stars')
""",
    ),
    case(
        LIST + "model.fit([[1, 2, 3], [1, 2, 3]], [1.0, 2.0])",
        "words is given an array of shape (2, 3)",
        "pad or cut each list to that length, or write Input(shape=(3,))",
        LIST.replace("shape=(4,)", "shape=(3,)") + "model.fit([[1, 2, 3], [1, 2, 3]], [1.0, 2.0])",
    ),
    case(
        LIST + "model.fit([[1, 2, 3], [1, 2]], [1.0, 2.0])",
        "words cannot be read (…)",
        "pad the lists to one length, and write a number for each id",
        LIST + "model.fit([[0, 1, 2, 3], [0, 0, 1, 2]], [1.0, 2.0])",
        site="array_of: … | pad the lists to one length, and write a number for each id",
    ),
    case(
        COMPILED + "model.predict([[8], [1]])",
        "8 is no row of 'user_in'",
        "number the ids from 0, or make the table larger (input_dim)",
        COMPILED + "model.predict([[7], [1]])",
    ),
    case(
        """
model = Model([user_in, film_in], Add()([Flatten()(merge([u, m], mode="dot")), Flatten()(Embedding(9, 1)(user_in))]))
model.compile("adam", loss="mse")
model.fit([users, films], y)
""",
        "user_in names rows of tables of different sizes: embedding_1 has 8, embedding_3 has 9",
        "input_dim=9 for each of them",
        """
u = Embedding(input_dim=9, output_dim=3)(user_in)
model = Model([user_in, film_in], Add()([Flatten()(merge([u, m], mode="dot")), Flatten()(Embedding(input_dim=9, output_dim=1)(user_in))]))
model.compile("adam", loss="mse")
model.fit([users, films], y)
""",
    ),
    case(
        "lists = Input(shape=(2, 3), name='lists')\nModel(lists, Flatten()(Embedding(8, 3)(lists))).rows",
        "embedding_3 reads ids of shape (2, 3)",
        "make an Input for each list",
        """
one, other = Input(shape=(3,), name='one'), Input(shape=(3,), name='other')
Model([one, other], Concatenate()([Flatten()(Embedding(8, 3)(each)) for each in (one, other)])).rows
""",
    ),
    case(
        "Model(user_in, Concatenate()([Flatten()(u), user_in])).rows",
        "user_in is read as ids by an Embedding and as numbers by another layer",
        "make an Input for each, and give the data to both",
        """
again = Input(shape=(1,), name='again')
model = Model([user_in, again], Dense(1)(Concatenate()([Flatten()(u), again])))
model.compile('adam', loss='mse')
model.fit([users, users], y)
""",
    ),
    case(
        "same = Input(shape=(1,), name='user_in')\nModel([user_in, same], merge([u, Embedding(8, 3)(same)], mode='dot')).rows",
        "two Inputs are called 'user_in'",
        "Input(…, name='other')",
        "other = Input(shape=(1,), name='other')\nModel([user_in, other], merge([u, Embedding(8, 3)(other)], mode='dot')).rows",
    ),
    case(
        "Model(user_in, Dense(1, name='d')(Dense(2, name='d')(u))).rows",
        "two layers are called '…' in the function",
        "leave name= out to have them numbered",
        "Model(user_in, Dense(1)(Dense(2)(u))).rows",
    ),
    case(
        COMPILED + "model.fit([users, films], y, validation_data=[users, films, y])",
        "validation_data=…",
        "validation_data=(x, y)",
        COMPILED + "x = [users, films]\nmodel.fit(x, y, validation_data=(x, y))",
    ),
    case(
        COMPILED + "model.steps(7)",
        "example=7",
        "give one with user_in, film_in",
        COMPILED + "model.steps({'user_in': 1, 'film_in': 2})",
        site="Model.steps: mapping",
    ),
)
