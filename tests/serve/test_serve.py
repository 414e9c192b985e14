"""A service answers as the model does in Python, says what to mend, and follows its folder without a gap."""

import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rowwise as rw
from camps import two_camps
from mends import mends

pytest.importorskip("starlette", reason="the extra serve is not installed")

from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from rowwise.errors import BadFolder, BadOption
from rowwise.serve.app import MODEL, VERSION, Service
from rowwise.serve.questions import MOST_BODY
from rowwise.serve.routes import ROUTES
from rowwise.serve.shelf import Book, Shelf, Wanted

PAIR = {"user": 1, "film": 2}


@rw.model(target="stars", loss=rw.squared_error)
def camps(user=rw.Row("user", 2), film=rw.Row("film", 2), bias=rw.Row("film")):
    return user @ film + bias


def trained(seed=0):
    return camps.fit(two_camps(8), epochs=2, seed=seed)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return trained().save(tmp_path_factory.mktemp("serve") / "model")


@pytest.fixture(scope="module")
def fitted(folder):
    return rw.load(folder)


@pytest.fixture(scope="module")
def client(folder):
    titles = pl.DataFrame({"film": range(8), "title": [f"film {k} <b>\x1b[31m" for k in range(8)]})
    titles.write_parquet(folder.parent / "films.parquet")
    service = Service(Shelf((Wanted("model", str(folder), str(folder.parent / "films.parquet")),)), log=False)
    with TestClient(service.app(), raise_server_exceptions=False) as client:
        yield client


# Answers


def test_predictions_are_those_of_python(client, fitted):
    examples = [{"user": u, "film": f} for u in range(8) for f in range(8)]
    answer = client.post("/predict", json={"examples": examples}).json()
    assert answer["predictions"] == fitted.predict(examples).tolist()
    assert answer["unknown"] == {}
    assert client.post("/predict", json={"examples": [PAIR | {"film": 99}]}).json()["unknown"] == {"film": 1}


def test_lists_are_those_of_python_with_titles_beside(client, fitted):
    answer = client.post("/recommend", json={"users": [0, 5], "n": 2}).json()
    wanted = fitted.recommend([0, 5], 2).to_dicts()
    assert [{k: line[k] for k in ("user", "film", "prediction")} for line in answer["recommendations"]] == wanted
    assert answer["recommendations"][0]["title"].startswith(f"film {wanted[0]['film']}")
    assert client.post("/recommend", json={"users": [99]}).json()["unknown"] == {"user": 1}


def test_neighbours_and_steps_are_those_of_python(client, fitted):
    found = client.post("/similar", json={"id": 2, "n": 3}).json()["similar"]
    assert [(line["film"], line["cosine"]) for line in found] == fitted.similar(2, 3).rows()
    assert client.post("/steps", json={"example": PAIR | {"stars": 4}}).json()["model"] == "camps"


def test_a_new_user_gets_a_list_and_leaves_no_trace(client, folder):
    before = (folder / "tables.safetensors").read_bytes()
    lines = [{"user": 77, "film": film, "stars": 5.0 if film % 2 else 1.0} for film in range(4)]
    found = client.post("/fold_in", json={"examples": lines, "n": 2}).json()["recommendations"]
    assert [line["user"] for line in found] == [77, 77]
    assert all(line["film"] > 3 for line in found)
    assert (folder / "tables.safetensors").read_bytes() == before
    assert client.post("/recommend", json={"users": [77]}).json()["unknown"] == {"user": 1}


def test_texts_are_encoded(tmp_path):
    texts, labels = ["a good film", "a bad film"] * 20, ["good", "bad"] * 20
    rw.TextClassifier(epochs=1).fit(texts, labels).fitted_.save(tmp_path / "model")
    with TestClient(Service(Shelf((Wanted("model", str(tmp_path / "model")),)), log=False).app()) as client:
        assert "good" in client.post("/encode", json={"text": "good film"}).json()["words"]
        answer = client.post("/predict", json={"examples": [{"text": "good"}]}).json()
        assert answer["classes"] == ["bad", "good"]


# What cannot be answered


@pytest.mark.parametrize(
    ("path", "body", "given"),
    [
        ("/predict", "no json", "invalid JSON"),
        ("/predict", {"examples": []}, "examples"),
        ("/predict", {"examples": [{"user": 1}]}, "no column 'film'"),
        ("/recommend", {"users": [True]}, "users"),
        ("/recommend", {"users": [1], "m": 3}, "extra"),
        ("/recommend", {"users": [1], "n": 0}, "n"),
        ("/recommend", {"users": [1], "n": 10**9}, "n"),
        ("/similar", {"id": 99}, "99"),
        ("/similar", {"id": 1, "column": "../../etc/passwd"}, "passwd"),
        ("/encode", {"text": "x"}, "no texts"),
        ("/steps", {"example": {"user": 1}}, "'film'"),
        ("/fold_in", {"examples": [{"user": 1}]}, "film"),
    ],
)
def test_what_cannot_be_answered_says_what_was_given_what_was_expected_and_how_to_mend_it(client, path, body, given):
    answer = client.post(path, content=body if isinstance(body, str) else json.dumps(body))
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert given in error["given"]
    assert all(error.values())


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
@mends("_misfit: …: ……")
def test_the_mend_of_a_misfit_is_a_request_that_fits(client, route):
    mend = client.post(route.path, json={"what": "?"}).json()["error"]["mend"]
    answer = client.post(route.path, content=mend)
    assert answer.status_code == 200 or "no texts" in answer.json()["error"]["given"]


@mends("a request of more than … bytes", "GET /openapi.json")
def test_what_is_too_large_asked_elsewhere_or_otherwise_has_its_status(client):
    many = json.dumps({"examples": [PAIR] * (MOST_BODY // 26)}).encode() + b" " * MOST_BODY
    assert client.post("/predict", content=many).status_code == 413
    assert client.post("/predict", json={"examples": [PAIR] * 9000}).status_code == 200  # in parts
    assert client.get("/openapi.json").status_code == 200
    assert client.post("/../../etc/passwd").status_code == 404
    assert client.get("/predict").status_code == 405
    for answer in (client.get("/nowhere"), client.get("/predict")):
        assert answer.json()["error"]["mend"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.sampled_from(["user", "film"]) | st.text(), parts),
    max_leaves=6,
)
FIELDS = ("examples", "users", "n", "seen", "values", "id", "column", "table", "text", "example")


@given(
    path=st.sampled_from([route.path for route in ROUTES if not route.is_long]),
    body=st.dictionaries(st.sampled_from(FIELDS), JSON) | JSON,
)
def test_no_request_finds_a_fault(client, path, body):
    answer = client.post(path, content=json.dumps(body, ensure_ascii=True))
    assert answer.status_code in (200, 400)
    assert answer.status_code == 200 or set(answer.json()["error"]) == {"given", "expected", "mend"}


@given(user=JSON, film=JSON)
def test_no_cell_finds_a_fault(client, user, film):
    for path, key in (("/predict", "examples"), ("/fold_in", "examples")):
        answer = client.post(path, content=json.dumps({key: [{"user": user, "film": film, "stars": 3}]}))
        assert answer.status_code in (200, 400)


# Which model answers


def test_a_folder_that_is_replaced_answers_anew_and_what_cannot_be_read_leaves_the_old(tmp_path):
    trained(seed=1).save(tmp_path / "model")
    book = Book(Wanted("model", str(tmp_path / "model")))
    old = book.now
    assert not book.follow()
    trained(seed=2).save(tmp_path / "model")
    assert book.follow()
    assert book.now.version != old.version
    assert old.serving.fitted.predict([PAIR]) != book.now.serving.fitted.predict([PAIR])
    now = book.now
    (tmp_path / "model" / "model.json").write_text("{}")
    assert not book.follow()
    assert book.now is now
    assert book.trouble
    (tmp_path / "model" / "model.json").unlink()
    assert not book.follow(anew=True)
    assert book.now is now


def test_a_link_that_is_turned_to_another_folder_answers_anew(tmp_path):
    for seed in (1, 2):
        trained(seed=seed).save(tmp_path / f"model{seed}")
    link = tmp_path / "current"
    link.symlink_to("model1")
    book = Book(Wanted("model", str(link)))
    link.unlink()
    link.symlink_to("model2")
    assert book.follow()
    assert book.now.serving.fitted.predict([PAIR]) == rw.load(tmp_path / "model2").predict([PAIR])


@mends("two models called", "shares that come to", "no model is called")
def test_a_model_is_picked_by_name_or_by_share_the_same_for_the_same_request(folder, tmp_path):
    trained(seed=3).save(tmp_path / "b")
    shelf = Shelf((Wanted("a", str(folder)), Wanted("b", str(tmp_path / "b"), share=0.25)))
    picked = [shelf.pick(None, str(k).encode()).name for k in range(2000)]
    assert 0.2 < picked.count("b") / 2000 < 0.3
    assert picked == [shelf.pick(None, str(k).encode()).name for k in range(2000)]
    with TestClient(Service(shelf, log=False).app()) as client:
        answer = client.post("/predict", json={"examples": [PAIR]}, headers={MODEL: "b"})
        assert answer.headers[MODEL] == "b"
        assert answer.headers[VERSION] == shelf["b"].now.version
        assert answer.json()["predictions"] == rw.load(tmp_path / "b").predict([PAIR]).tolist()
        assert client.post("/predict", json={"examples": [PAIR]}, headers={MODEL: "c"}).status_code == 400
        assert client.post("/predict", json={"examples": [PAIR]}).status_code == 200  # without the header
    with pytest.raises(BadOption, match="two models"):
        Shelf((Wanted("a", str(folder)), Wanted("a", str(folder))))
    assert list(Shelf((Wanted("a", str(folder)), Wanted("a_b", str(folder), share=0.1)))) == ["a", "a_b"]
    with pytest.raises(BadOption, match="shares"):
        Shelf((Wanted("a", str(folder)), Wanted("b", str(folder), share=1.5)))
    with pytest.raises(BadFolder):
        Shelf((Wanted("a", str(tmp_path / "nothing")),))


# What is told


def test_numbers_are_those_that_prometheus_reads_and_hold_no_text_of_a_request(client):
    client.post("/predict", json={"examples": [{"user": 98, "film": "evil\n# label"}]})
    client.post("/recommend", json={"users": [98]})
    text = client.get("/metrics").text
    found = {sample.name: sample for family in text_string_to_metric_families(text) for sample in family.samples}
    assert found["rowwise_unknown_ids_total"].value >= 1
    assert found["rowwise_model_age_seconds"].value >= 0
    assert found["rowwise_model_info"].labels["version"] == client.get("/readyz").json()["models"]["model"]["version"]
    assert "evil" not in text


def test_each_request_is_a_line_of_json(folder, capsys):
    with TestClient(Service(Shelf((Wanted("model", str(folder)),))).app()) as client:
        client.post("/predict", json={"examples": [{"user": "\x1b[31m"}]})
    line = json.loads(capsys.readouterr().out)
    assert (line["route"], line["model"], line["status"]) == ("/predict", "model", 400)


def test_the_document_tells_every_route_with_an_example_that_is_answered(client):
    told = client.get("/openapi.json").json()
    looked = {"/", "/healthz", "/readyz", "/metrics", "/openapi.json"}
    assert set(told["paths"]) == {route.path for route in ROUTES} | looked
    for path in ("/predict", "/recommend", "/similar", "/steps", "/fold_in"):
        example = told["paths"][path]["post"]["requestBody"]["content"]["application/json"]["example"]
        assert client.post(path, json=example).status_code == 200
    assert client.get("/").text.startswith("<!doctype html>")
    assert client.get("/healthz").json() == {"status": "ok"}
