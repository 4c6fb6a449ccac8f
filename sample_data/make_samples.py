"""Make the files beside this script; only needed to change them.

    python sample_data/make_samples.py FOLDER

FOLDER holds wordnet_minilm_f16.npy, (117,659, 384) float16, every synset of WordNet 3.0 embedded
by all-MiniLM-L6-v2 from "words: gloss", and wordnet_synsets.parquet, the same rows in the same
order with the columns synset, lexname, pos, word, words, gloss. The digits come with scikit-learn.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.datasets import load_digits

HERE = Path(__file__).parent
SEED = 20_061_117
ROWS = 5_000
SMALLEST_CLASS = 8
COLUMNS = ["synset", "lexname", "pos", "word", "words", "gloss"]


def make_wordnet(folder: Path) -> None:
    """Rows drawn uniformly with SEED, classes of fewer than SMALLEST_CLASS members left out."""
    synsets = pd.read_parquet(folder / "wordnet_synsets.parquet", columns=COLUMNS)
    vectors = np.load(folder / "wordnet_minilm_f16.npy", mmap_mode="r", allow_pickle=False)
    rows = np.sort(np.random.default_rng(SEED).choice(len(synsets), ROWS, replace=False))
    sizes = synsets.iloc[rows]["lexname"].map(synsets.iloc[rows]["lexname"].value_counts())
    rows = rows[(sizes >= SMALLEST_CLASS).to_numpy()]
    np.save(HERE / "wordnet_minilm.npy", vectors[rows])
    kept = synsets.iloc[rows].reset_index(drop=True)
    kept.to_parquet(HERE / "wordnet_synsets.parquet", index=False, compression="zstd")
    print(f"wordnet: {len(kept):,} rows, {kept['lexname'].nunique()} classes")


def make_digits() -> None:
    """The 1,797 digits that scikit-learn holds."""
    digits = load_digits()
    np.savez_compressed(
        HERE / "digits.npz",
        pixels=digits.data.astype(np.uint8),
        label=digits.target.astype(np.uint8),
    )
    print(f"digits: {len(digits.data):,} rows")


if __name__ == "__main__":
    make_wordnet(Path(sys.argv[1]))
    make_digits()
