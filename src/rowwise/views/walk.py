"""A program, its parameters and one example in, the record of that example out: every line and every number."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from rowwise import displays
from rowwise.backends import reference as definition
from rowwise.capture.capture import capture
from rowwise.capture.optimizers import optimizer_of
from rowwise.data.ids import Id
from rowwise.data.statistics import STATISTICS
from rowwise.data.vocabulary import Vocabulary
from rowwise.data.word_vocabulary import WordVocabulary
from rowwise.models.recipe import Recipe
from rowwise.models.start import start
from rowwise.options import mapping, whole
from rowwise.program.inputs import DenseWeight, Lookup, SampledLookup, Target
from rowwise.program.parameters import Parameters
from rowwise.program.program import DERIVATIVE, UPDATE, Place, Program, Update, Value
from rowwise.trained.trained import Trained
from rowwise.views import shapes, steps_html, steps_terminal, unfolded
from rowwise.views.arguments import Example, find_arguments, numbers
from rowwise.views.cost import add_penalty, penalties, slope_of
from rowwise.views.filled import filled, products
from rowwise.views.formula import Formulas
from rowwise.views.record import ArgumentSeen, DerivativeSeen, LineSeen, Move, StepSeen, TableSeen, Walk
from rowwise.views.story import Story, tell

displays.text.register(steps_terminal.as_text)  # how a Walk prints, and what a notebook shows of it
displays.html.register(steps_html.fragment)


def walk(
    program: Program,
    parameters: Parameters,
    example: Example,
    *,
    vocabularies: Mapping[str, Vocabulary],
    means: Mapping[str, float] | None = None,
    rate: float,
    seed: int = 0,
) -> Walk:
    """The record of one example. Tables are read where it looks and copied nowhere.

    `example` holds an id, a list of ids or a number for each column, and the target if there is one; a sampled
    argument takes the id under its own name, or one drawn by `seed`. `vocabularies` is by column, `means` by argument.

    Raises:
        BadData: the example lacks a column that the program reads.
    """
    target = program.target
    learns = target is None or example.get(target.column) is not None
    inputs = [i for i in program.inputs if not i.is_written]
    arguments = find_arguments(program, example, parameters, vocabularies, seed=seed)
    received = zip(inputs, arguments, strict=True)
    given = {i.value.name: numbers(i, seen, example, parameters, means or {}) for i, seen in received}
    values = definition.run(program, given)
    story = tell(program, learns=learns)
    read = {i.names[field] for i in inputs for field in i.columns if field in i.names}
    read |= {i.value.name for i in program.inputs_of(SampledLookup)}
    moves = _moves(program, parameters, arguments, values, rate) if learns else ()
    shown = [i.value for i in program.inputs if learns or not isinstance(i, Target)]
    shown += [step.output for line in story.lines for step in line.steps]
    shown += [step.output for step in program.phase(DERIVATIVE)] if learns else []
    names = {
        o.name: story.names.get(o.name, o.name) for o in (program.prediction, program.loss) if isinstance(o, Value)
    }
    numbers_shown = {story.names.get(value.name, value.name): values[value.name] for value in shown}
    lines = _lines(story, values)
    if learns:
        lines = add_penalty(program, lines, numbers_shown, names[str(program.loss)])
    return Walk(
        model=program.name,
        optimizer=program.optimizer,
        rate=rate,
        is_dense=program.dense,
        example={name: value for name, value in example.items() if name in read and value is not None},
        target=target.column if target else None,
        tables=_tables(program, parameters, arguments, moves),
        arguments=tuple(seen for seen in arguments if learns or seen.of is not Target),
        lines=lines,
        derivatives=_derivatives(story, values, penalties(program)),
        derivative_steps=_derivative_steps(program, story) if learns else (),
        rules=optimizer_rules(program) if learns else (),
        moves=moves,
        values=numbers_shown,
        prediction=names.get(str(program.prediction)),
        loss=names.get(str(program.loss)) if learns else None,
    )


def walk_trained(trained: Trained, example: Example, *, seed: int = 0) -> Walk:
    """The record of one example of a trained model, its update at the learning rate of the first epoch."""
    example, seed = _asked(example, seed)
    trained, example = unfolded.of_example(trained, example)
    return walk(
        trained.program,
        trained.parameters,
        example,
        vocabularies={column: trained.vocabularies[name] for column, name in trained.column_vocabulary.items()},
        means=trained.means,
        rate=trained.first_rate,
        seed=seed,
    )


def walk_untrained(recipe: Recipe, example: Example, *, optimizer: object = "adagrad", seed: int = 0) -> Walk:
    """The record of one example of a model that has seen no data: tables of just the rows that the example names."""
    example, seed = _asked(example, seed)
    program = capture(recipe, optimizer=optimizer)
    vocabularies = {name: _vocabulary(recipe, name, example) for name in set(recipe.vocabularies.values())}
    n_rows = {name: len(v) for name, v in vocabularies.items()}
    parameters = start(recipe, program, n_rows, seed=seed, vocabularies=vocabularies)
    return walk(
        program,
        parameters,
        example,
        vocabularies={column: vocabularies[name] for column, name in recipe.vocabularies.items()},
        means={i.value.name: STATISTICS[i.statistic].untrained for i in program.statistics},
        rate=optimizer_of(optimizer).default_rate,
        seed=seed,
    )


def _asked(example: object, seed: object) -> tuple[Example, int]:
    """An example and a seed as they came from outside."""
    asked = "a value for each column by name, of one example"
    named = mapping("example", example, expected=asked, mend="steps({'userId': 15, 'movieId': 32, 'rating': 4.5})")
    return named, whole("seed", seed, least=0, mend="seed=0 is the default")


def _vocabulary(recipe: Recipe, name: str, example: Example) -> Vocabulary:
    """The ids that the example names; one more where an id is drawn, so that there is another to draw."""
    column = next(column for column, owner in recipe.vocabularies.items() if owner == name)
    if column in recipe.texts and column in example:
        return WordVocabulary.learn(name, pl.Series([example[column]]), recipe.texts[column])
    ids: list[Any] = []
    for argument, word in recipe.lookups.items():
        if recipe.vocabularies[word.column] != name:
            continue
        given = example.get(argument if word.is_drawn else word.column)
        ids += list(given) if isinstance(given, list | tuple | np.ndarray) else [] if given is None else [given]
        if word.is_drawn and given is None:
            whole = [id for id in ids if isinstance(id, int)]
            ids.append(max(whole) + 1 if whole else "another")
    return Vocabulary.of(name, ids)


def _lines(story: Story, values: definition.Values) -> tuple[LineSeen, ...]:
    name = story.forward.name
    texts = filled(story.lines, story.forward, values)
    return tuple(
        LineSeen(
            number=line.number,
            place=_where(line.place),
            function=line.place.function if line.place else "",
            code=line.code,
            reads=tuple(map(name, line.reads)),
            gives=tuple((name(value), story.forward.of(value)) for value in line.gives),
            notes=shapes.notes(line.steps, story.forward),
            steps=tuple(
                StepSeen(name(step.output), story.forward.step(step.output), step.primitive, line.number)
                for step in line.steps
            ),
            filled={name(value): texts[name(value)] for value in line.gives if name(value) in texts},
            products=products(line, story.forward, values),
        )
        for line in story.lines
    )


def _where(place: Place | None) -> str:
    """`my_model.py:5`; the line only of a file that is the reader's own."""
    if place is None:
        return ""
    return place.file if place.file.startswith("rowwise/") else f"{place.file}:{place.line}"


def _derivatives(story: Story, values: definition.Values, paying: Mapping[str, float]) -> tuple[DerivativeSeen, ...]:
    seen = []
    for told in story.derivatives:
        array = np.broadcast_to(definition.number(values, told.value), told.of.shape)
        formula, reads = story.backward.of(told.value), story.backward.reads(told.value)
        of = story.forward.name(told.of)
        seen.append(DerivativeSeen(of, slope_of(of, paying), told.line, formula, reads, array))
    return tuple(seen)


def _derivative_steps(program: Program, story: Story) -> tuple[StepSeen, ...]:
    """Every primitive of the derivative, with the forward line of the same place."""
    line_of = {line.place: line.number for line in story.lines} | {
        step.place: line.number for line in story.lines for step in line.steps
    }
    return tuple(
        StepSeen(story.backward.name(s.output), story.backward.step(s.output), s.primitive, line_of.get(s.place))
        for s in program.phase(DERIVATIVE)
    )


def optimizer_rules(program: Program) -> tuple[tuple[str, str], ...]:
    """The optimizer's formulas for a row, told once: they are the same for every table but for l2."""
    rules: dict[str, str] = {}
    for update in program.updates.values():
        names = {value.name: value.name.rpartition(".")[2] for value in update.inputs}
        states = zip(update.state, update.new_state, strict=True)
        new = {o.name: f"new {names[value.name]}" for value, o in states if isinstance(o, Value)}
        new[update.new_row.name] = "new row"
        steps = [s for s in program.needed(update.outputs) if s.phase == UPDATE]
        formulas = Formulas(steps, names | new)
        told = {name: formulas.of(Value(value, (), "float32")) for value, name in new.items()}
        if not rules or told["new row"] not in rules.values():
            suffix = f" of {update.table}" if rules else ""
            rules |= {name + suffix: formula for name, formula in told.items() if formula not in rules.values()}
    return tuple(rules.items())


def _moves(
    program: Program, parameters: Parameters, arguments: Sequence[ArgumentSeen], values: definition.Values, rate: float
) -> tuple[Move, ...]:
    """The update of each distinct row that the example reads: rows read twice get the sum of their gradients."""
    seen = {argument.name: argument for argument in arguments}
    readers = {i.value.name: i for i in (*program.lookups, *program.weights)}
    moves = []
    for name, update in program.updates.items():
        gradients: dict[int | None, np.ndarray] = {}
        ids = {}
        for argument, gradient in program.gradients.items():
            i = readers[argument]
            if i.parameter != name:
                continue
            array = np.broadcast_to(definition.number(values, gradient), i.value.shape)
            rows, shares = seen[argument].rows, seen[argument].shares
            for k, row in enumerate(rows or (None,)):
                part = array[k] if i.is_list and not i.is_combined else array * (shares[k] if shares else 1.0)
                gradients[row] = gradients.get(row, np.zeros(update.row.shape)) + part
                ids.setdefault(row, seen[argument].ids[k] if rows else None)
        for row, gradient in gradients.items():
            moves.append(_move(program, update, parameters, row=row, id=ids[row], gradient=gradient, rate=rate))
    return tuple(moves)


def _move(
    program: Program,
    update: Update,
    parameters: Parameters,
    *,
    row: int | None,
    id: Id | None,
    gradient: np.ndarray,
    rate: float,
) -> Move:
    at = () if row is None else row
    before = parameters.tables[update.table][at]
    states = [state[at] for state in parameters.states[update.table]]
    values = definition.run_update(program, update, before, gradient, rate, states)
    names = [value.name.rpartition(".")[2] for value in update.state]
    after = [definition.number(values, new) for new in update.new_state]
    return Move(
        table=update.table,
        row=row,
        id=id,
        before=np.array(before, np.float64),
        gradient=gradient,
        after=definition.number(values, update.new_row),
        state={name: (np.asarray(old), new) for name, old, new in zip(names, states, after, strict=True)},
    )


def _tables(
    program: Program, parameters: Parameters, arguments: Sequence[ArgumentSeen], moves: Sequence[Move]
) -> tuple[TableSeen, ...]:
    dense = {i.value.name for i in program.weights}
    names = dict.fromkeys(i.parameter for i in program.inputs if isinstance(i, Lookup | DenseWeight))
    moved = [move.table for move in moves if not np.array_equal(move.before, move.after)]
    seen = []
    for name in names:
        shape = parameters.tables[name].shape
        rows = {row for argument in arguments if argument.table == name for row in argument.rows}
        table = TableSeen(name, None, shape, name in program.updates, (), moved.count(name))
        if name not in dense:
            table = replace(table, rows=shape[0], row_shape=shape[1:], read=tuple(sorted(rows)))
        seen.append(table)
    return tuple(seen)
