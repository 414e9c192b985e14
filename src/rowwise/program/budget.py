"""How much one example of a program may take, so that a file cannot ask for a year of work or all of the memory."""

from dataclasses import dataclass

from rowwise.errors import BadModel

MOST_AXES = 12
DEEPEST = 4  # loops inside loops
MOST_NUMBERS = 1 << 26  # in all values of one example: 256 MB of float32
LIMITS = {
    "steps": 10_000,  # in the text of a program: each is compiled
    "runs": 1 << 20,  # steps of one example, each round of a loop counted
    "numbers": MOST_NUMBERS,
    "work": 1 << 30,  # numbers read, multiplied or written: about a second
}
TOLD = {
    "steps": "steps",
    "runs": "steps, each round of a loop counted",
    "numbers": "numbers",
    "work": "multiplications",
}


@dataclass(frozen=True, slots=True)
class Cost:
    """What a step, or all of an example, takes."""

    steps: int = 0
    runs: int = 0
    numbers: int = 0
    work: int = 0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(
            self.steps + other.steps, self.runs + other.runs, self.numbers + other.numbers, self.work + other.work
        )

    def rounds(self, n: int) -> "Cost":
        """What `n` rounds of a loop take whose body takes this: its steps are written once, its values kept once."""
        return Cost(self.steps, n * (1 + self.runs), self.numbers, n * self.work)

    def affordable(self) -> "Cost":
        """The cost itself, if it is within the limits.

        Raises:
            BadModel: one example takes too much.
        """
        for name, most in LIMITS.items():
            taken = getattr(self, name)
            if taken > most:
                raise BadModel(
                    f"one example takes {taken:,} {TOLD[name]} or more",
                    expected=f"up to {most:,}",
                    mend="write a smaller dim=, a smaller length=, or a loop of fewer rounds",
                )
        return self
