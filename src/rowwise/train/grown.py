"""New ids in, vocabularies that hold them and tables with room for their rows out."""

from collections.abc import Mapping

import numpy as np

from rowwise.data.check import Checked
from rowwise.data.vocabulary import Vocabulary
from rowwise.program.parameters import Parameters, fresh_states
from rowwise.trained.trained import Trained


def grown(trained: Trained, checked: Checked) -> dict[str, Vocabulary]:
    """The vocabularies with the ids of the data that they lack; those of words and row numbers stay as they are."""
    found = dict(trained.vocabularies)
    for column in trained.keys:
        name = trained.column_vocabulary[column]
        if type(found[name]) is Vocabulary:
            found[name] = found[name].grown(checked.frame[column])
    return found


def tables_with_room(trained: Trained, vocabularies: Mapping[str, Vocabulary]) -> Parameters:
    """A copy of the tables, with the unknown row for each id that is new, and of the optimizer's states."""
    tables = {name: table.copy() for name, table in trained.parameters.tables.items()}
    of_table = {str(i.table): trained.column_vocabulary[i.column] for i in trained.program.lookups}
    for table, name in of_table.items():
        more = len(vocabularies[name]) - len(tables[table])
        unknown = tables[table][[vocabularies[name].unknown]]
        tables[table] = np.concatenate([tables[table], np.repeat(unknown, more, axis=0)])
    states = dict(trained.parameters.states)
    fresh = fresh_states(trained.program, tables)
    for name in of_table.keys() & states.keys():
        for new, old in zip(fresh.get(name, ()), states[name], strict=True):
            new[: len(old)] = old
        states[name] = fresh.get(name, ())
    return Parameters(tables, states)
