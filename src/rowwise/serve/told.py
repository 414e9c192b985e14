"""What is told of a service: numbers for Prometheus, and a line of JSON for each request."""

import json
import time
from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from rowwise.screen import pass_on
from rowwise.serve.shelf import Shelf

SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)  # ends of the buckets
KIND = "text/plain; version=0.0.4; charset=utf-8"


class Numbers:
    """The numbers of this process; with several workers those of all that were counted, and of this one what it holds.

    No label is a text of a request: routes and models are ours, and the library escapes them.
    """

    def __init__(self, shelf: Shelf, *, among_others: bool):
        self.shelf, self.among_others = shelf, among_others
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "rowwise_requests", "Requests answered.", ("route", "model", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "rowwise_request_seconds", "How long an answer took.", ("route",), buckets=SECONDS, registry=self.registry
        )
        self.unknown = Counter(
            "rowwise_unknown_ids", "Ids that training never saw.", ("model",), registry=self.registry
        )

    def text(self) -> bytes:
        """All of them, as Prometheus reads them."""
        held = CollectorRegistry()
        held.register(_Held(self.shelf))
        counted = self.registry
        if self.among_others:
            counted = CollectorRegistry()
            multiprocess.MultiProcessCollector(counted)
        return generate_latest(counted) + generate_latest(held)


class _Held(Collector):
    """What the shelf holds now."""

    def __init__(self, shelf: Shelf):
        self.shelf = shelf

    def collect(self) -> Iterator[Metric]:
        version = GaugeMetricFamily(
            "rowwise_model_info", "1 for the version that answers.", labels=("model", "version")
        )
        age = GaugeMetricFamily("rowwise_model_age_seconds", "Since the model was read.", labels=("model",))
        read = CounterMetricFamily("rowwise_model_reads", "How often a model was read.", labels=("model",))
        troubles = CounterMetricFamily("rowwise_model_troubles", "Folders that could not be read.", labels=("model",))
        for name, book in self.shelf.items():
            version.add_metric((name, book.now.version), 1)
            age.add_metric((name,), time.time() - book.now.since)
            read.add_metric((name,), book.n_read)
            troubles.add_metric((name,), book.n_troubles)
        yield from (version, age, read, troubles)


def say_request(facts: Mapping[str, object]) -> None:
    """One line of JSON on the standard output: whatever a request held, a terminal gets letters only."""
    pass_on(json.dumps({"time": round(time.time(), 3), **facts}) + "\n")
