"""What a file was understood to hold, before it is used, and what can be corrected."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from core.data.embedding_set import EmbeddingSet
from core.data.read import Source, found_in, to_set
from core.data.readers import Found, Options
from core.data.readers.found import ColumnRole, Role
from core.errors import BadRowsError, ChoiceError, DataError

ROLES: tuple[Role, ...] = ("vector", "label", "text", "picture", "sound", "id", "number")
LEFT_OUT: Role = "left out"


@dataclass(frozen=True)
class ReadSettings:
    """What a person says of a file that its reader would guess.

    vector_column: the column, or the prefix of numbered columns, with the vectors. label_column:
    with the classes. left_out: columns that are not used. not_vectors: columns of numbers that are
    no part of the vectors. drop_bad_rows: whether rows that are missing or not finite are left out.
    """

    vector_column: str | None = None
    label_column: str | None = None
    left_out: frozenset[str] = frozenset()
    not_vectors: frozenset[str] = frozenset()
    drop_bad_rows: bool = False

    @property
    def options(self) -> Options:
        """The same for a reader."""
        return Options(
            self.vector_column,
            self.label_column,
            self.left_out,
            not_vectors=self.not_vectors,
            bad_rows="drop" if self.drop_bad_rows else "error",
        )

    def with_roles(self, before: Mapping[str, Role], after: Mapping[str, Role]) -> "ReadSettings":
        """The settings after some columns, by name, were given other roles.

        The column that is made the vector, or the label, takes the place of the one before. A text,
        a picture, a number and an id are read alike, so that they change nothing but the vectors.
        """
        settings = self
        for name, role in after.items():
            if role != before.get(name):
                settings = settings._with_role(name, before.get(name, LEFT_OUT), role)
        return settings

    def _with_role(self, name: str, before: Role, role: Role) -> "ReadSettings":
        settings = replace(self, left_out=self.left_out - {name})
        if role == LEFT_OUT:
            return replace(
                settings,
                left_out=settings.left_out | {name},
                vector_column=None if self.vector_column == name else self.vector_column,
                label_column=None if self.label_column == name else self.label_column,
            )
        if role == "vector":
            if name in settings.not_vectors:  # one of several columns of numbers again
                return replace(settings, not_vectors=settings.not_vectors - {name})
            return replace(settings, vector_column=name)
        if role == "label":
            settings = replace(settings, label_column=name)
        elif settings.label_column == name:
            settings = replace(settings, label_column=None)
        if before == "vector":
            settings = replace(settings, not_vectors=settings.not_vectors | {name})
            if settings.vector_column == name:
                settings = replace(settings, vector_column=None)
        return settings


@dataclass(frozen=True, eq=False)
class Preview:
    """A file as it was understood.

    embeddings: what it becomes; None where something has to be decided or mended first.
    columns: what each column was taken for, in the order of the file; empty where it is not known.
    stored_as: the type of the numbers in the file, "" where they were not found.
    problem: why it cannot be used as it is, or "".
    candidates: what `vector_column` may be, where several columns could hold the vectors.
    bad_rows: numbers of the rows that cannot be used, from 0, ascending.
    """

    embeddings: EmbeddingSet | None
    columns: tuple[ColumnRole, ...] = ()
    stored_as: str = ""
    problem: str = ""
    candidates: tuple[str, ...] = ()
    bad_rows: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Look:
    """What a reader found in a file, before its rows are checked and converted.

    found: None where the file could not be read, for the reason in `problem`. title: the name of
    the set that it becomes. candidates, bad_rows: as in `Preview`.
    """

    found: Found | None
    title: str = ""
    settings: ReadSettings = ReadSettings()
    problem: str = ""
    candidates: tuple[str, ...] = ()
    bad_rows: tuple[int, ...] = ()


def look_at(
    source: Source,
    *,
    name: str,
    settings: ReadSettings | None = None,
    metadata: Source | None = None,
    metadata_name: str | None = None,
) -> Look:
    """The first half of `preview_embeddings`, with the same arguments.

    Of a form whose values lie in the file as they are (.npy, .fbin, .fvecs, .safetensors, Arrow),
    they are not read yet.
    """
    chosen = settings or ReadSettings()
    try:
        found, title = found_in(
            source, name, chosen.options, metadata=metadata, metadata_name=metadata_name
        )
    except ChoiceError as error:
        return Look(None, settings=chosen, problem=str(error), candidates=error.candidates)
    except BadRowsError as error:
        return Look(None, settings=chosen, problem=str(error), bad_rows=error.rows)
    except DataError as error:
        return Look(None, settings=chosen, problem=str(error))
    return Look(found, title, chosen)


def preview_of(look: Look) -> Preview:
    """The second half of `preview_embeddings`: every row is checked and converted."""
    found, chosen = look.found, look.settings
    if found is None:
        return Preview(
            None, problem=look.problem, candidates=look.candidates, bad_rows=look.bad_rows
        )
    told = Preview(None, found.roles, str(found.vectors.dtype))
    try:
        embeddings = to_set(
            found, look.title, chosen.label_column, "drop" if chosen.drop_bad_rows else "error"
        )
    except BadRowsError as error:
        return replace(told, problem=str(error), bad_rows=error.rows)
    except DataError as error:
        return replace(told, problem=str(error))
    return replace(
        told, embeddings=embeddings, columns=_with_label(found.roles, embeddings, chosen)
    )


def preview_embeddings(
    source: Source,
    *,
    name: str,
    settings: ReadSettings | None = None,
    metadata: Source | None = None,
    metadata_name: str | None = None,
) -> Preview:
    """Read a file as `read_embeddings` does, and tell what was understood in place of an error.

    source: path, bytes or binary file.
    name: of the file.
    settings: what is known of it; by default everything is found by itself.
    metadata: a table of as many rows.
    metadata_name: of that table's file.

    >>> preview_embeddings(b"a,b,word\\n1,nan,x\\n3,4,y", name="two.csv").bad_rows
    (0,)
    """
    return preview_of(
        look_at(
            source, name=name, settings=settings, metadata=metadata, metadata_name=metadata_name
        )
    )


def _with_label(
    roles: Iterable[ColumnRole], embeddings: EmbeddingSet, settings: ReadSettings
) -> tuple[ColumnRole, ...]:
    """The roles with the label that the set has: a reader may not know of the other columns."""
    label, told = embeddings.label_column, []
    for each in roles:
        if each.name == label and each.role != "label":
            asked = settings.label_column == label
            told.append(ColumnRole(label, "label", "as asked" if asked else "classes by its name"))
        elif each.name != label and each.role == "label":
            told.append(ColumnRole(each.name, *_plain_role(embeddings, each.name)))
        else:
            told.append(each)
    return tuple(told)


def _plain_role(embeddings: EmbeddingSet, name: str) -> tuple[Role, str]:
    numbers = name in embeddings.metadata and embeddings.metadata[name].dtype.kind in "iufb"
    return ("number", "numbers") if numbers else ("text", "text")
