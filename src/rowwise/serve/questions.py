"""What a request may hold: a class for each question, its fields with their bounds; nothing else is taken.

The same classes check requests and are told in the OpenAPI document. What an id, a text or a number means is decided
where every other door decides it: by the model's own reader.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictFloat, StrictInt, StrictStr

MOST_BODY = 1 << 20  # bytes of a request
MOST_EXAMPLES = 10_000  # in one request
MOST_USERS = 1_000
MOST_ITEMS = 1_000  # of a list

AnId = StrictInt | StrictStr
Cell = StrictInt | StrictFloat | StrictStr | None | list[StrictInt | StrictFloat | StrictStr]
Example = dict[str, Cell]
Examples = Annotated[list[Example], Field(min_length=1, max_length=MOST_EXAMPLES)]
HowMany = Annotated[int, Field(strict=True, ge=1, le=MOST_ITEMS)]


class Question(BaseModel):
    """What a request asks."""

    model_config = ConfigDict(extra="forbid", ser_json_inf_nan="constants")


class Predict(Question):
    """The prediction for each example."""

    examples: Examples = Field(description="A value for each column that the model reads, by name.")


class Recommend(Question):
    """The best items for each user."""

    users: Annotated[list[AnId], Field(min_length=1, max_length=MOST_USERS)]
    n: HowMany = 10
    seen: Literal["drop", "keep"] = Field("drop", description="Leave out what a user has seen, or keep it in.")
    values: Example = Field(default_factory=dict, description="What the model reads besides, by column.")


class Similar(Question):
    """The ids whose rows point most nearly the same way."""

    id: AnId
    n: HowMany = 10
    column: str | None = Field(None, description="Whose id it is; by default the item's.")
    table: str | None = Field(None, description="Whose rows are compared; by default the first of the column.")


class Encode(Question):
    """A text on its way to rows."""

    text: str
    column: str | None = None


class Steps(Question):
    """Every number of one example: what it looks up, each line, the derivative, and the rows that would move."""

    example: Example


class FoldIn(Question):
    """Lists for new users, from what they say in the request; the model stays as it is."""

    examples: Examples = Field(description="Lines as in the training data: who, what, and the target if there is one.")
    n: HowMany = 10


Answer = dict[str, Any]
