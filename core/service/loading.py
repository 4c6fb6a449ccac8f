"""What can be loaded, and loading it: a sample, a file that the deployment offers, an address."""

from dataclasses import dataclass
from pathlib import Path

from core.data import EmbeddingSet, load_sample, read_embeddings, sample_names, watch
from core.data.places import allowed_folders, allowed_urls, fetch, file_in, files_in
from core.errors import DataError, ParameterError
from core.limits import FOLDERS, encoder_folder
from core.progress import Progress, part, unheard
from core.service.answers import TEXTS, Answer, plain
from core.service.arguments import Arguments, said
from core.service.holdings import Holdings

SAMPLE = "sample:"
FILES_LISTED = 200


@dataclass(frozen=True, kw_only=True)
class Sources(Arguments):
    """Of `sources`: none."""


@dataclass(frozen=True, kw_only=True)
class Load(Arguments):
    """Of `load`."""

    source: str = said(
        "a sample (sample:wordnet), a file as `sources` names it (FOLDER/NAME), or an address that "
        "begins as one of those that `sources` names"
    )
    metadata: str | None = said(
        "a table beside it, one row for each vector, named in the same way", default=None
    )
    queries: str | None = said(
        "vectors to search with, of another file, named in the same way", default=None
    )
    vector_column: str | None = said(
        "the column or array with the vectors, where several could be meant", default=None
    )
    label_column: str | None = said(
        "the column with the classes; found by its name unless given", default=None
    )
    drop_bad_rows: bool = said(
        "leave out rows that are missing or not finite, which are an error otherwise", default=False
    )


def sources(_holdings: Holdings, _asked: Sources, _progress: Progress = unheard) -> Answer:
    """What can be loaded, and whether a text can be searched for."""
    files = [f"{folder.name}/{name}" for folder in allowed_folders() for name in files_in(folder)]
    return {
        "samples": [f"{SAMPLE}{name}" for name in sample_names()],
        "files": plain(files[:FILES_LISTED]),
        "files_in_all": len(files),
        "addresses": list(allowed_urls()),
        "searches_by_text": encoder_folder() is not None,
    }


def load(holdings: Holdings, asked: Load, progress: Progress = unheard) -> Answer:
    """Read the vectors and what is known of them; raises CoreError."""
    progress(0.0, "reading")
    embeddings = _read(asked, progress)
    return described(holdings.keep_set(embeddings), embeddings)


def described(name: str, embeddings: EmbeddingSet) -> Answer:
    """What a set is."""
    labels = embeddings.label_column
    return {
        "data": name,
        "name": plain(embeddings.name),
        "rows": embeddings.n,
        "dimensions": embeddings.dim,
        "metric": embeddings.metric,
        "label_column": None if labels is None else plain(labels),
        "classes": len(embeddings.class_names),
        "queries": 0 if embeddings.queries is None else len(embeddings.queries),
        "columns": plain(list(embeddings.metadata.columns)[:TEXTS]),
        "notes": plain(embeddings.notes[:TEXTS]),
    }


def _read(asked: Load, progress: Progress) -> EmbeddingSet:
    if asked.source.startswith(SAMPLE):
        own = [name for name in ("metadata", "queries", "vector_column") if getattr(asked, name)]
        if own:
            raise ParameterError(f"A sample comes as it is. Leave {' and '.join(own)} out.")
        found = load_sample(asked.source.removeprefix(SAMPLE))
        return found if asked.label_column is None else found.relabeled(asked.label_column)
    content, name = opened(asked.source, part(progress, 0.0, 0.5))
    beside = {
        role: opened(source, unheard)[0]
        for role, source in (("metadata", asked.metadata), ("queries", asked.queries))
        if source is not None
    }
    with watch.heard(part(progress, 0.5, 1.0)):
        return read_embeddings(
            content,
            name=name,
            metadata=beside.get("metadata"),
            queries=beside.get("queries"),
            vector_column=asked.vector_column,
            label_column=asked.label_column,
            bad_rows="drop" if asked.drop_bad_rows else "error",
        )


def opened(source: str, progress: Progress) -> tuple[Path | bytes, str]:
    """A file or an address that the deployment offers, and the file's name; raises DataError."""
    if "://" in source:
        address = source.split("?", 1)[0].rstrip("/")
        return fetch(source, progress), address.rsplit("/", 1)[-1]
    for folder in allowed_folders():
        if source.startswith(f"{folder.name}/"):
            inside = source.removeprefix(f"{folder.name}/")
            return file_in(folder, inside), inside.rsplit("/", 1)[-1]
    offered = ", ".join(folder.name for folder in allowed_folders()) or f"none ({FOLDERS})"
    raise DataError(
        f"{source[:200]!r} cannot be loaded here: it is no sample ({SAMPLE}NAME), no address that "
        f"is offered, and in no folder that this server offers: {offered}."
    )
