"""Layers in the manner of Keras: what they are told, and what they are called on."""

# ruff: noqa: E501  what is said is said whole

from mends import Case

BEGIN = """
from rowwise.keras_style import *
clear_session()
user_in, film_in = Input(shape=(1,), name="user_in"), Input(shape=(1,), name="film_in")
u, m = Embedding(8, 4)(user_in), Embedding(8, 4)(film_in)
words = Embedding(9, 4)(Input(shape=(6,), name="words"))
"""
WIDTH = "give the layers that come before one width, such as output_dim=50"
ROW = "Flatten()(…) makes a row of each first"


def case(wrong: str, given: str, mend: str, right: str, site: str = "") -> Case:
    """Of lines that have the layers above to begin with."""
    return Case(BEGIN + wrong, given, mend, BEGIN + right, site)


CASES = (
    case(
        "Dense(1, activation='rellu')",
        "activation='rellu'",
        "did you mean 'relu'?",
        "Dense(1, activation='relu')",
    ),
    case(
        "Activation(7)",
        "activation=7",
        "activation='relu' is usual",
        "Activation(activation='relu')",
        site="activation_of: one_of | activation='relu' is usual",
    ),
    case(
        "Dense(1, init='glorott')(u)",
        "initializer='glorott'",
        "leave it out for Keras' own choice",
        "Dense(1)(u)",
    ),
    case(
        "Dense(1, kernel_initializer=[1])(u)",
        "initializer=[1]",
        "leave it out for Keras' own choice",
        "Dense(1)(u)",
    ),
    case(
        "Dense(1, weights=[np.zeros((4, 2))])(u)",
        "weights of shape (4, 2) for dense_1",
        "give one array for each weight, in the order of get_weights()",
        "[array.shape for array in Dense(1, weights=[np.zeros((4, 1)), np.zeros(1)])(u).layer.get_weights()] == [(4, 1), (1,)]",
        site="weights of shape … for … | give one array",
    ),
    case(
        "Dense(1, weights=['x'])(u)",
        "no numbers can be read as weights for dense_1 (could not convert string to float: 'x')",
        "give one array for each weight, in the order of get_weights()",
        "Dense(1, weights=[np.zeros((4, 1)), np.zeros(1)])(u)",
        site="checked: … | give one array",
    ),
    case(
        "Embedding(8, 4, W_regularizer=0.1)",
        "embedding_4 has the regularizer 0.1",
        "W_regularizer=l2(1e-4)",
        "Embedding(8, 4, W_regularizer=l2(1e-4))",
    ),
    case(
        "Dense(1)(ratings)",
        "dense_1 was called on DataFrame",
        "write Input(shape=(1,)) for what comes with the data, and give the data to fit",
        """
hour = Input(shape=(1,), name="hour")
model = Model([user_in, hour], Flatten()(Dense(1)(Concatenate()([Flatten()(u), hour]))))
model.compile(Adam(0.001), loss="mse")
model.fit({"user_in": ratings["user"], "hour": ratings["film"]}, ratings["stars"])
""",
    ),
    case(
        "shared = Dense(2)\nshared(u)\nshared(Dense(3)(m))",
        "dense_1 (Dense) cannot read dense_2 (examples, 1, 3)",
        "give it the same width each time, or make a layer for each",
        "shared = Dense(2)\nshared(u)\nshared(Dense(4)(m))\nDense(2)(Dense(3)(m))",
    ),
    case(
        "Embedding(8, 3)(film_in) + u",
        "formula_1 (Formula) cannot read embedding_4 (examples, 1, 3) and embedding_1 (examples, 1, 4)",
        f"{WIDTH}; axis=-1 is the last",
        "Embedding(8, output_dim=50)(film_in) + Embedding(8, output_dim=50)(user_in)",
    ),
    case(
        "np.sum(u * m, axis=7)",
        "formula_2 (Formula) cannot read formula_1 (examples, 1, 4)",
        f"{WIDTH}; axis=-1 is the last",
        "np.sum(u * m, axis=-1)",
    ),
    case(
        "Input(shape=(0,))",
        "Input(shape=(0,))",
        "shape=(1,) is one id an example",
        "Input(shape=(1,))",
        site="Input: …=… | shape=(1,) is one id an example",
    ),
    case(
        "Embedding(8, 4)(Dense(1)(u))",
        "embedding_4 was called on dense_1, which Dense gives",
        "work the ids out before, and give them to fit; or bring a Keras model along by from_keras",
        """
model = Model(user_in, Dense(1)(Flatten()(u)))
model.compile("adam", loss="mse")
model.fit(ratings["user"] % 4, ratings["stars"])
""",
    ),
    case(
        "Reshape((0,))",
        "target_shape=(0,)",
        "target_shape=(-1,) is one row",
        "Reshape(target_shape=(-1,))(words)",
        site="Reshape.__init__: …=… | target_shape=(-1,) is one row",
    ),
    case(
        "Reshape((-1, 5))(words)",
        "reshape_1 (Reshape) cannot read embedding_3 (examples, 6, 4)",
        "Reshape((24,)) is one row; -1 stands for the rest",
        "Reshape((24,))(words)\nReshape((-1, 8))(words)",
    ),
    case(
        "Dense(1)(u) + 'x'",
        "'x' next to a symbolic value",
        "write Input(...) for what comes with the data",
        "Dense(1)(u) + Input(shape=(1,))",
        site="_constant: … next to a symbolic value | write Input(...) for what comes with the data",
    ),
    case(
        "np.sum(u, axis={1})",
        "{1} next to a symbolic value",
        "write Input(...) for what comes with the data",
        "np.sum(u) + Input(shape=(1,))",
        site="literal: … next to a symbolic value | write Input(...) for what comes with the data",
    ),
    case(
        "np.asarray(u)",
        "an array asked for the numbers of embedding_1, a symbolic value (examples, 1, 4)",
        "use layers, + - * / @, or functions of numpy such as np.tanh, which make further symbolic values",
        "np.tanh(Dense(1)(u) + u @ m)",
    ),
    case(
        "Add()(u)",
        "add_1 (Add) cannot read embedding_1 (examples, 1, 4)",
        "Add()([u, m])",
        "Add()([u, m])",
    ),
    case(
        "Multiply()([u, Embedding(8, 3)(film_in)])",
        "multiply_1 (Multiply) cannot read embedding_1 (examples, 1, 4) and embedding_4 (examples, 1, 3)",
        WIDTH,
        "Multiply()([Embedding(8, output_dim=50)(user_in), Embedding(8, output_dim=50)(film_in)])",
        site=f"_Merge.shape: misfit | {WIDTH}",
    ),
    case(
        "Concatenate(axis='x')",
        "axis='x'",
        "axis=-1 is the last",
        "Concatenate(axis=-1)([u, m])",
        site="whole | axis=-1 is the last",
    ),
    case(
        "Concatenate(axis=3)([u, m])",
        "concatenate_1 (Concatenate) cannot read embedding_1 (examples, 1, 4) and embedding_2 (examples, 1, 4)",
        "axis=-1",
        "Concatenate(axis=-1)([u, m])",
        site="_axis: misfit | axis=-1",
    ),
    case(
        "Concatenate()([u, Flatten()(m)])",
        "concatenate_1 (Concatenate) cannot read embedding_1 (examples, 1, 4) and flatten_1 (examples, 4)",
        ROW,
        "Concatenate()([Flatten()(u), Flatten()(m)])",
        site=f"_axis: misfit | {ROW}",
    ),
    case(
        "Concatenate()([u, words])",
        "concatenate_1 (Concatenate) cannot read embedding_1 (examples, 1, 4) and embedding_3 (examples, 6, 4)",
        ROW,
        "Concatenate()([Flatten()(u), Flatten()(words)])",
        site=f"Concatenate.shape: misfit | {ROW}",
    ),
    case(
        "Dot(axes='x')",
        "axes='x'",
        "axes=-1 is usual",
        "Dot(axes=-1)([u, m])",
        site="Dot.__init__: …=… | axes=-1 is usual",
    ),
    case(
        "Dot(1)([u])",
        "dot_1 (Dot) cannot read embedding_1 (examples, 1, 4)",
        "Dot(1)([u, m])",
        "Dot(1)([u, m])",
    ),
    case(
        "Dot(-1)([u, Embedding(8, 3)(film_in)])",
        "dot_1 (Dot) cannot read embedding_1 (examples, 1, 4) and embedding_4 (examples, 1, 3)",
        WIDTH,
        "Dot(-1)([Embedding(8, output_dim=50)(user_in), Embedding(8, output_dim=50)(film_in)])",
        site=f"Dot._axes: misfit | {WIDTH}",
    ),
    case(
        "Merge(mode='dott')",
        "mode='dott'",
        "did you mean 'dot'?",
        "Merge(mode='dot')([u, m])",
    ),
    case(
        "merge([u, m], 'xyzzy')",
        "mode='xyzzy'",
        "mode='dot' is the lesson's",
        "merge([u, m], mode='dot')",
        site="one_of | mode='dot' is the lesson's",
    ),
    case(
        "merge(u, 'dot')",
        "merge of 1 value",
        "merge([u, m], 'dot')",
        "merge([u, m], 'dot')",
    ),
    case(
        "Conv1D(64, 5)(Flatten()(words))",
        "conv1d_1 (Conv1D) cannot read flatten_1 (examples, 24)",
        "put it before Flatten",
        "Flatten()(Conv1D(64, 5)(words))",
    ),
    case(
        "Conv1D(64, 5, padding='sme')",
        "padding='sme'",
        "did you mean 'same'?",
        "Conv1D(64, 5, padding='same')",
    ),
    case(
        "Conv1D(64, 5, strides=2)(words)",
        "strides=2",
        "leave it out; MaxPooling1D(2) halves the length",
        "MaxPooling1D(2)(Conv1D(64, 5)(words))",
    ),
    case(
        "Conv1D(0, 5)",
        "filters=0",
        "filters=64 is usual",
        "Conv1D(filters=64, kernel_size=5)",
        site="whole | filters=64 is usual",
    ),
    case(
        "Conv1D(64, 2.0)",
        "kernel_size=2.0",
        "kernel_size=5 is usual",
        "Conv1D(64, kernel_size=5)",
        site="whole | kernel_size=5 is usual",
    ),
    case(
        "Conv1D(64, 9)(words)",
        "conv1d_1 (Conv1D) cannot read embedding_3 (examples, 6, 4)",
        "kernel_size=6, or less",
        "Conv1D(64, kernel_size=6)(words)",
    ),
    case(
        "MaxPooling1D(2, strides=1)",
        "strides=1 and padding='valid' with pool_size=2",
        "leave strides and padding out",
        "MaxPooling1D(2)",
    ),
    case(
        "MaxPooling1D(9)(words)",
        "maxpooling1d_1 (MaxPooling1D) cannot read embedding_3 (examples, 6, 4)",
        "pool_size=6, or less",
        "MaxPooling1D(pool_size=6)(words)",
    ),
    case(
        "LSTM(32, return_sequences=True)",
        "an LSTM with activation='tanh', recurrent_activation='sigmoid', return_sequences=True",
        "leave these out",
        "LSTM(32)(words)",
    ),
    case(
        "LSTM(0)",
        "units=0",
        "units=32 is usual",
        "LSTM(units=32)(words)",
        site="whole | units=32 is usual",
    ),
    case(
        "Dense(1, activatoin='relu')",
        "Dense has no argument 'activatoin'",
        "did you mean 'activation'?",
        "Dense(1, activation='relu')",
        site="spelt.make.call: … has no argument … | did you mean …?",
    ),
    case(
        "Dense(1, xyzzy=3)",
        "Dense has no argument 'xyzzy'",
        "leave it out",
        "Dense(1)",
        site="spelt.make.call: … has no argument … | leave it out",
    ),
    case(
        "Dense(units=1, output_dim=1)",
        "Dense is told 'units' twice",
        "leave 'output_dim' out",
        "Dense(units=1)",
    ),
    case(
        "set_random_seed(-1)",
        "seed=-1",
        "seed=0 is the default",
        "set_random_seed(seed=0)",
        site="set_random_seed: whole | seed=0 is the default",
    ),
    case(
        "Adam(lr='fast')",
        "lr='fast'",
        "lr=0.001 is usual",
        "Adam(lr=0.001)",
        site="number | lr=0.001 is usual",
    ),
    case(
        "Dense(1)([])",
        "dense_1 (Dense) cannot read nothing",
        "Dense(…)(Input(shape=(1,)))",
        "Dense(1)(Input(shape=(1,)))",
        site="misfit | …(…)(Input(shape=(1,)))",
    ),
)
