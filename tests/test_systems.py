"""Systems other than Linux, by simulation: what they lack is taken away before anything is imported."""

import json
import subprocess
import sys
from pathlib import Path

LACKING = """
import json, os, sys
for name in ("register_at_fork", "fork", "sched_getaffinity", "mkfifo", "O_DIRECTORY", "O_NOFOLLOW", "O_NONBLOCK"):
    if hasattr(os, name):
        delattr(os, name)
os.supports_dir_fd = set()
sys.modules |= {"fcntl": None, "resource": None}
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from camps import two_camps
import rowwise as rw
here = Path(sys.argv[2])
two_camps(8).write_csv(here / "ratings.csv")
recommender = rw.Recommender(factors=2, epochs=1).fit(here / "ratings.csv", checkpoint=here / "run.ckpt")
for _ in range(2):
    recommender.fitted_.save(here / "model")
recommender.fitted_.sheet(here / "model.xlsx")
pairs = {"user": [1], "film": [2]}
same = rw.load(here / "model").predict(pairs).tolist() == recommender.fitted_.predict(pairs).tolist()
print(json.dumps([same, sorted(os.listdir(here))]))
"""


def test_training_saving_loading_and_the_workbook_need_nothing_that_only_linux_has(tmp_path):
    # Without forks, locks, a count of the cores that may be used, pipes with names and handles of folders.
    arguments = [sys.executable, "-c", LACKING, str(Path(__file__).parent), str(tmp_path)]
    done = subprocess.run(arguments, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    same, files = json.loads(done.stdout.splitlines()[-1])
    assert same
    assert files == ["model", "model.xlsx", "ratings.csv", "run.ckpt"]
