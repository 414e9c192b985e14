"""What the system tells of its cores."""

import os

from rowwise.train.engines import cores


def test_cores_are_counted_where_the_system_does_not_say_which_may_be_used(monkeypatch):
    assert cores() >= 1
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 7)
    assert cores() == 7
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert cores() == 1
