"""Texts: how they are cut, what is counted, vectors that rows start from, classifiers."""

# ruff: noqa: E501  what is said is said whole

from mends import Case

BAG = """
@rw.model(target="label", loss=rw.binary_cross_entropy)
def m(word=rw.Bag("text", 2, text=rw.Text(), init=rw.vectors("v.txt"))): return word.sum()
frame = pl.DataFrame({"text": texts, "label": [1, 0] * 4})
"""
GOOD = "put('v.txt', 'good 1 2\\nbad 3 4\\nfilm 5 6\\n')\n"
COMMAS = """
def commas(text): return text.split(",")
cut = rw.TextClassifier(epochs=1, text=rw.Text(tokenizer=commas)).fit(["good,film", "bad,film"] * 4, labels)
cut.fitted_.save("cut")
"""

CASES = (
    Case(
        "rw.Text(max_share=2)",
        "max_share=2",
        "leave it out for the default",
        "rw.Text()",
        site="Text.__post_init__: …=… | leave it out for the default",
    ),
    Case("rw.Text(pattern=7)", "pattern=7", r"pattern=r'\w+' finds words", r"rw.Text(pattern=r'\w+')"),
    Case(
        "rw.Text(tokenizer='x')", "tokenizer='x'", "tokenizer=str.split cuts at spaces", "rw.Text(tokenizer=str.split)"
    ),
    Case(
        "rw.TextClassifier(epochs=1, text=rw.Text(pattern='(')).fit(texts, labels)",
        "pattern='(' is no regular expression (…)",
        "leave it out, or write a function and give it as tokenizer=",
        """
def brackets(text): return text.split("(")
rw.TextClassifier(epochs=1).fit(texts, labels), rw.TextClassifier(epochs=1, text=rw.Text(tokenizer=brackets)).fit([t.replace(" ", "(") for t in texts], labels)
""",
    ),
    Case(
        """
def commas(text): return text.split(",")
rw.TextClassifier(epochs=1, text=rw.Text(tokenizer=commas)).fit(["good, film", "bad, film"] * 4, labels)
""",
        "commas made the token ' film'",
        "strip them, or put _ for a space",
        """
def commas(text): return [token.strip().replace(" ", "_") for token in text.split(",")]
rw.TextClassifier(epochs=1, text=rw.Text(tokenizer=commas)).fit(["good, film", "bad, film"] * 4, labels)
""",
    ),
    Case(
        "rw.TextClassifier(epochs=1).fit([1, 2] * 4, labels)",
        "the texts holds Int64",
        "give texts, or name the column that holds them",
        "rw.TextClassifier(epochs=1).fit(['1', '2'] * 4, labels)\nrw.TextClassifier(epochs=1).fit(pl.DataFrame({'n': [1, 2] * 4, 't': texts})['t'], labels)",
    ),
    Case(
        "rw.TextClassifier(epochs=1, text=rw.Text(min_count=99)).fit(texts, labels)",
        "the 'text' column has 3 different words, and none of them is kept",
        "lower min_count and min_texts, raise max_share, or name the column that holds the texts",
        "rw.TextClassifier(epochs=1, text=rw.Text(min_count=2, min_texts=2, max_share=1.0)).fit(texts, labels)",
    ),
    Case(
        COMMAS + "rw.load('cut').predict({'text': ['good,film']})",
        "the texts were cut by commas, a function that the saved model does not hold",
        "cut them first: [list(commas(text)) for text in texts]",
        COMMAS + "texts = ['good,film']\nrw.load('cut').predict({'text': [list(commas(text)) for text in texts]})",
    ),
    Case(
        BAG + "put('v.txt', 'no vectors here\\n')\nm.fit(frame, epochs=1)",
        "v.txt holds no vectors in its first line, b'no vectors here\\n'",
        "name a file of GloVe, word2vec or fastText; of fastText the .vec, not the .bin",
        BAG + GOOD + "m.fit(frame, epochs=1)",
    ),
    Case(
        BAG + "put('v.txt', 'good 1 2\\nbad 3 x\\n')\nm.fit(frame, epochs=1)",
        "v.txt, line 2…",
        "fetch the file again",
        BAG + GOOD + "m.fit(frame, epochs=1)",
        site="_broken: … | fetch the file again",
    ),
    Case(
        BAG.replace("v.txt", "v.txt.gz")
        + "import gzip; put('v.txt.gz', gzip.compress(b'good 1 2\\nbad 3 4\\n' * 99)[:-20])\nm.fit(frame, epochs=1)",
        "v.txt.gz cannot be unpacked (…)",
        "fetch the file again",
        BAG.replace("v.txt", "v.txt.gz")
        + "import gzip; put('v.txt.gz', gzip.compress(b'good 1 2\\nbad 3 4\\n'))\nm.fit(frame, epochs=1)",
        site="_opened: … cannot be unpacked (…) | fetch the file again",
    ),
    Case(
        "@rw.model(target='stars', loss=rw.squared_error)\ndef m(user=rw.Row('user'), w=rw.Weight((3, 2), init=rw.vectors('v.txt'))): return user * w.sum()\nm.fit(ratings)",
        "v.txt holds vectors of words, and a weight has none",
        "init='normal' starts without names",
        "@rw.model(target='stars', loss=rw.squared_error)\ndef m(user=rw.Row('user'), w=rw.Weight((3, 2), init='normal')): return user * w.sum()\nm.fit(ratings, epochs=1)",
    ),
    Case(
        BAG.replace('"text", 2', '"text", 3') + GOOD + "m.fit(frame, epochs=1)",
        "v.txt holds vectors of 2 numbers, and these rows have 3",
        "dim=2, as in rw.Bag('text', 2, …)",
        BAG.replace('"text", 2', '"text", dim=2') + GOOD + "m.fit(frame, epochs=1)",
    ),
    Case(
        BAG
        + GOOD.upper().replace("PUT", "put").replace("V.TXT", "v.txt").replace("\\N", "\\n")
        + "m.fit(frame.with_columns(pl.col('text').str.to_uppercase()), epochs=1)",
        "v.txt has a vector for none of 4 rows, such as that of '…'",
        "rw.Text(lower=False) keeps capital letters; or choose vectors of the language of the texts",
        BAG.replace("rw.Text()", "rw.Text(lower=False)")
        + GOOD.upper().replace("PUT", "put").replace("V.TXT", "v.txt").replace("\\N", "\\n")
        + "m.fit(frame.with_columns(pl.col('text').str.to_uppercase()), epochs=1)",
    ),
    Case(
        "@rw.model(target='stars', loss=rw.squared_error)\ndef m(user=rw.Row('user'), w=rw.Weight((3, 2), init=rw.log_count_ratio())): return user * w.sum()\nm.fit(ratings)",
        "log-count ratios are counted in examples, and there are none",
        "init='zeros' starts without counting",
        "@rw.model(target='stars', loss=rw.squared_error)\ndef m(user=rw.Row('user'), w=rw.Weight((3, 2), init='zeros')): return user * w.sum()\nm.fit(ratings, epochs=1)",
    ),
    Case(
        BAG.replace("binary_cross_entropy", "squared_error").replace('rw.vectors("v.txt")', "rw.log_count_ratio()")
        + "m.fit(frame.with_columns(label=pl.Series(range(8))), epochs=1)",
        "log-count ratios for rows of 2 and targets that are not classes 0 … 1",
        "loss=rw.binary_cross_entropy, or a row as wide as there are classes",
        BAG.replace('rw.vectors("v.txt")', "rw.log_count_ratio()")
        .replace('"text", 2,', '"text",')
        .replace("word.sum()", "word")
        + "m.fit(frame, epochs=1)",
    ),
    Case(
        "rw.TextClassifier(epochs=1).fit(texts, np.eye(2)[[0, 1] * 4]).report(texts, labels)",
        "a report of several labels",
        "classifier.fitted_.evaluate(frame)",
        """
frame = pl.DataFrame({"text": texts, "label": [[0, 1], [1, 0]] * 4})
classifier = rw.TextClassifier(epochs=1).fit(texts, np.eye(2)[[0, 1] * 4])
classifier.fitted_.evaluate(frame)
""",
    ),
    Case(
        "rw.TextClassifier(epochs=1).fit(texts, labels).report(texts[:2], ['yes', 'maybe'])",
        "the label of text 1 is maybe",
        "leave the text out, or fit again with it",
        """
rw.TextClassifier(epochs=1).fit(texts, labels).report(texts[:1], ['yes'])
rw.TextClassifier(epochs=1).fit([*texts, "so so"], [*labels, "maybe"]).report(texts[:2], ['yes', 'maybe'])
""",
    ),
    Case(
        "rw.TextClassifier(epochs=1).fit(pl.DataFrame(), labels)",
        "the texts are a frame of 0 columns",
        "give a list of texts",
        "rw.TextClassifier(epochs=1).fit(texts, labels)",
        site="the texts are a frame of … columns | give a list of texts",
    ),
    Case(
        "rw.load('text_model').encode('good film', column='txt')",
        "naive_bayes_bag reads no texts from column='txt'",
        "column='text'",
        "rw.load('text_model').encode('good film', column='text')",
        site="… reads no texts from column=… | column=…",
    ),
)
