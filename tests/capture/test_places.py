"""Each step knows the line of the user's own file that it came from."""

import jax
import jax.numpy as jnp

import rowwise as rw
from rowwise.capture.places import statement


def places(model):
    return [step.place for step in model.program(optimizer="sgd").steps if step.phase != "update"]


def helper(user, movie):
    return jnp.tanh(user) @ movie


@rw.model(target="rating", loss=rw.squared_error)
def calls_a_helper(user=rw.Row("userId", 2), movie=rw.Row("movieId", 2)):
    return helper(user, movie)


@rw.model(target="rating", loss=rw.squared_error)
def on_several_lines(user=rw.Row("userId", 2), movie=rw.Row("movieId", 2)):
    return jnp.sum(
        user * movie  # a comment
    )


def test_a_helper_in_the_same_file_is_where_its_lines_are():
    found = {place.text for place in places(calls_a_helper) if place.file == "test_places.py"}
    assert found == {"return jnp.tanh(user) @ movie"}


def test_a_line_inside_a_library_is_the_users_line():
    @rw.model(target="rating", loss=rw.squared_error)
    def squashed(user=rw.Row("userId", 2)):
        return jax.nn.softmax(user)[0]

    mine = [place for place in places(squashed) if place.function == "squashed"]
    assert {place.text for place in mine} == {"return jax.nn.softmax(user)[0]"}
    assert not [place for place in places(squashed) if "jax" in place.file or place.file == "activations.py"]


def test_a_statement_on_several_lines_is_one_line():
    found = {place.text for place in places(on_several_lines) if place.function == "on_several_lines"}
    assert found == {"return jnp.sum(user * movie)"}


def test_the_loss_of_a_library_is_its_own_place():
    assert "_squared_error" in {place.function for place in places(calls_a_helper)}


def test_a_users_file_is_named_without_its_folder_and_ours_from_the_packages():
    assert {place.file for place in places(calls_a_helper)} == {"test_places.py", "rowwise/models/losses.py"}
    assert all(str(place).startswith(f"{place.file}:{place.line}:{place.column} (") for place in places(calls_a_helper))


def test_a_line_that_is_not_there_has_no_text():
    assert statement("nowhere.py", 3) == ""
