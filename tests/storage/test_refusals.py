"""What the system refuses is told in three lines, and the third of them works."""

import shlex
import subprocess

import pytest

from mends import mends
from rowwise.errors import CannotWrite
from rowwise.storage.whole import replaced_whole


def put(path):
    with replaced_whole(path) as file:
        file.write(b"text")


@mends("refusal: … | …")
def test_what_the_system_refuses_is_mended_as_it_says(tmp_path):
    (tmp_path / "file").write_text("dear diary")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    wrong = {
        tmp_path / "new" / "a.csv": f"mkdir -p {tmp_path / 'new'}",
        tmp_path: "give a name inside it",
        tmp_path / "file" / "a.csv": "give another place",
        tmp_path / ("a" * 300): "give a shorter name",
        tmp_path / "loop": "remove the link",
    }
    for path, mend in wrong.items():
        with pytest.raises(CannotWrite) as caught:
            put(path)
        assert caught.value.mend == mend
    subprocess.run(shlex.split(wrong[tmp_path / "new" / "a.csv"]), check=True)
    (tmp_path / "loop").unlink()
    for right in (
        tmp_path / "new" / "a.csv",
        tmp_path / "inside",
        tmp_path / "elsewhere",
        tmp_path / "a",
        tmp_path / "loop",
    ):
        put(right)
        assert right.read_text() == "text"
    assert (tmp_path / "file").read_text() == "dear diary"
