"""A few rounds of benchmarks/chaos.py, in which processes are killed while they write."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
ROUNDS = """
import json, sys, warnings
warnings.simplefilter("ignore")
sys.path.insert(0, sys.argv[1])
import chaos
print(json.dumps(chaos.chaos(18, 1, (chaos.Save, chaos.Predict, chaos.Checkpoint))))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_whatever_is_killed_while_it_writes_leaves_the_old_or_the_new_whole():
    done = subprocess.run([sys.executable, "-c", ROUNDS, str(BENCHMARKS)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["lost"] == []
    assert sum(found["rounds"].values()) == 18
