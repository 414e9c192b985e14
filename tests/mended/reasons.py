"""The mends that no test does, by the reason why."""

from mends import Reason

REASONS: dict[Reason, tuple[str, ...]] = {
    Reason.INSTALLS: (
        "pip install 'rowwise[demo]'",
        "pip install 'rowwise[sql]'",
        "pip install 'rowwise[pandas]'",
        "pip install 'rowwise[glove]'",
        "pip install 'rowwise[keras]'",
        "pip install 'rowwise[cloud]'",
        "pip install 'rowwise[plots]'",
        "pip install 'rowwise[serve]'",
        "pip install --upgrade rowwise",
        "install it, or name another in the URL",
    ),
    Reason.ELSEWHERE: ("tell us what was asked",),
}
