"""What holds for the tests themselves."""

import shutil
import subprocess
import sys
from pathlib import Path

from hypothesis import settings

SKIPPED = "import pytest\n\ndef test_one():\n    pytest.skip('LibreOffice is not installed')\n"


def test_no_example_has_a_time_to_keep():
    assert settings().deadline is None


def test_what_is_skipped_is_said_with_the_way_to_have_it(tmp_path):
    shutil.copy(Path(__file__).parent / "conftest.py", tmp_path)
    (tmp_path / "test_skipped.py").write_text(SKIPPED)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", tmp_path, tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert "1 × LibreOffice is not installed; to have it: apt-get install libreoffice-calc" in done.stdout
