"""What a notebook shows of a model, of its program, and of what training gave."""

import rowwise as rw
from rowwise.api import zoo

MODEL = zoo.dot_product.replace(user=rw.Row("userId", 4), item=rw.Row("<b>film</b>", 4))


def test_a_model_shows_its_formula_and_where_each_argument_comes_from():
    html = MODEL._repr_html_()
    assert "user @ item" in html
    assert "table user, by userId" in html
    assert "&lt;b&gt;film" in html


def test_a_program_shows_each_step_with_its_source_line():
    html = MODEL.program(optimizer="sgd")._repr_html_()
    assert "dot_general(user, item)" in html
    assert "return user @ item" in html


def test_a_trained_model_shows_the_sizes_of_its_tables_and_its_last_epoch():
    data = {"userId": [1, 1, 2, 2], "<b>film</b>": [1, 2, 1, 2], "rating": [5.0, 1.0, 1.0, 5.0]}
    html = MODEL.fit(data, epochs=2)._repr_html_()
    assert "3 × 4" in html  # two users and the unknown row, of four numbers
    assert "last epoch" in html
    assert "<b>film" not in html
