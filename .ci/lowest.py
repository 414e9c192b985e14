"""pyproject.toml in, one constraint a line out: each package that we ask for, at the lowest version that we allow.

python .ci/lowest.py [extra ...] > lowest.txt; pip install --constraint lowest.txt .
"""

import re
import sys
import tomllib
from pathlib import Path

BOUND = re.compile(r"(?P<package>[\w.-]+)(?:\[[\w,-]+\])?>=(?P<version>[\d.]+)(?:,[^;]*)?(?P<marker>;.*)?")


def lowest(project: dict, extras: list[str]) -> list[str]:
    """`jax>=0.8` as `jax==0.8`, of what Rowwise needs always and of some extras; each has a lower bound."""
    wanted = list(project["dependencies"])
    for extra in extras:
        wanted += project["optional-dependencies"][extra]
    found = {}
    for requirement in wanted:
        bound = BOUND.fullmatch(requirement)
        if bound:
            found[bound["package"]] = f"{bound['package']}=={bound['version']}{bound['marker'] or ''}"
        elif not requirement.startswith("rowwise["):
            raise SystemExit(f"{requirement} has no lower bound: write {requirement}>=…")
    return list(found.values())


if __name__ == "__main__":
    pyproject = Path(__file__).parent.parent / "pyproject.toml"
    print("\n".join(lowest(tomllib.loads(pyproject.read_text("utf-8"))["project"], sys.argv[1:])))
