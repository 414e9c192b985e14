"""The routes in, the OpenAPI document that tells them out."""

from typing import Any

from pydantic.json_schema import models_json_schema

from rowwise import __version__
from rowwise.api.fitted import Fitted
from rowwise.serve.routes import ROUTES

SCHEMAS = "#/components/schemas/"
TROUBLE = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["given", "expected", "mend"],
            "properties": {name: {"type": "string"} for name in ("given", "expected", "mend")},
        }
    },
}
STATUSES = {
    "400": "What was asked cannot be answered: what was given, what was expected, how to mend it",
    "404": "There is no such route",
    "405": "The route is asked by another method",
    "413": "The request is too large",
}
LOOKS = {
    "/healthz": "The process answers",
    "/readyz": "The models are read",
    "/metrics": "Numbers for Prometheus",
    "/openapi.json": "This document",
    "/": "The model as a page",
}


def document(fitted: Fitted) -> dict[str, Any]:
    """The whole service, with an example of each request, of the model that answers."""
    _, told = models_json_schema([(route.asks, "validation") for route in ROUTES], ref_template=SCHEMAS + "{model}")
    troubles = {status: _content(said, {"$ref": SCHEMAS + "Trouble"}) for status, said in STATUSES.items()}
    asked = {
        route.path: {
            "post": {
                "summary": (route.asks.__doc__ or "").strip(),
                "parameters": [
                    {"name": "X-Rowwise-Model", "in": "header", "schema": {"type": "string"}, "required": False}
                ],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {"$ref": SCHEMAS + route.asks.__name__},
                            "example": route.example(fitted),
                        }
                    },
                },
                "responses": {"200": _content("The answer", {"type": "object"}), **troubles},
            }
        }
        for route in ROUTES
    }
    looked = {
        path: {"get": {"summary": said, "responses": {"200": {"description": said}}}} for path, said in LOOKS.items()
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Rowwise", "version": __version__, "summary": "Answers of trained models"},
        "paths": asked | looked,
        "components": {"schemas": {**told.get("$defs", {}), "Trouble": TROUBLE}},
    }


def _content(said: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": said, "content": {"application/json": {"schema": schema}}}
