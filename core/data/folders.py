"""Folders that other programs write: what each is, and which file to open instead."""

from pathlib import Path

CHROMA = "link_lists.bin"
MOST_LOOKED_AT = 1_000
KINDS = (  # a name that stands in the folder, and what that says
    (
        "_versions",
        "a table of LanceDB. Export it: lancedb.connect(PARENT).open_table(NAME).to_pandas()"
        ".to_parquet('table.parquet'), and open that",
    ),
    (".zarray", "a Zarr array. Save it: numpy.save('vectors.npy', zarr.open(FOLDER)[:])"),
    (".zgroup", "a Zarr group. Save its array: numpy.save('vectors.npy', zarr.open(FOLDER)[NAME])"),
    ("zarr.json", "a Zarr store. Save its array with numpy.save('vectors.npy', ...)"),
    (
        "dataset_info.json",
        "a saved Hugging Face dataset. Open its .arrow file, or save it with "
        "dataset.to_parquet('table.parquet')",
    ),
    ("chroma.sqlite3", "a folder of Chroma. Open it as an index, or its chroma.sqlite3 as data"),
    (CHROMA, "an index of Chroma. Open it as an index: Change index, then Open a file"),
    ("index.faiss", "a folder of LangChain. Open its index.faiss as an index"),
    ("_SUCCESS", "a folder that Spark wrote. Open its part files one by one, or join them"),
    ("_delta_log", "a Delta table. Save it as one Parquet file"),
)


def what_folder(path: Path) -> str:
    """What a folder is, and what to open instead of it: a message."""
    names = {entry.name for entry, _ in zip(path.iterdir(), range(MOST_LOOKED_AT), strict=False)}
    for name, kind in KINDS:
        if name in names:
            return f"{path.name!r} is {kind}."
    return f"{path.name!r} is a folder. Open a file in it, or pack the files as .zip."
