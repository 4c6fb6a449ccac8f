"""Word vectors, graph embeddings and features of speech, as text."""

from collections.abc import Callable

from .export import DIM, LISTS, Export, N

WORDS = [f"word{i}" for i in range(N)]


def numbers(i: int, between: str = " ") -> str:
    return between.join(str(value) for value in LISTS[i])


def text(line: Callable[[int], str], head: str = "", end: str = "\n") -> Callable[[], bytes]:
    return lambda: (head + "".join(line(i) + end for i in range(N))).encode()


COUNTS = f"{N} {DIM}\n"
SPACED = [". . .", "at name@domain.com", *WORDS[2:]]
BLANK = [*WORDS[:7], "\x85", *WORDS[8:]]
NODES = [34, 1, 33, 2, 3, *range(40, 40 + N - 5)]

KALDI = [f"spk{i:02d}-utt{i:04d}" for i in range(N)]


def kaldi(i: int) -> str:
    return f"{KALDI[i]}  [ {numbers(i)} ]"


WORD_FILES = [
    Export(
        "fastText .vec",
        "cc.de.300.vec",
        "fastText, Word vectors for 157 languages: text format",
        text(lambda i: f"{WORDS[i]} {numbers(i)}", COUNTS),
        cells={"*": WORDS},
    ),
    Export(
        "word2vec text, trailing blanks",
        "vectors.txt",
        "word2vec, demo-word.sh with -binary 0",
        text(lambda i: f"{WORDS[i]} {numbers(i)} ", COUNTS),
        cells={"*": WORDS},
    ),
    Export(
        "GloVe 840B, words with blanks",
        "glove.840B.300d.txt",
        "GloVe, Common Crawl 840B: tokens that hold blanks",
        text(lambda i: f"{SPACED[i]} {numbers(i)}"),
        cells={"*": SPACED},
    ),
    Export(
        "GloVe twitter, a line break of Unicode",
        "glove.twitter.27B.25d.txt",
        "GloVe, Twitter: the token U+0085",
        text(lambda i: f"{BLANK[i]} {numbers(i)}"),
        cells={"*": BLANK},
    ),
    Export(
        "gensim Doc2Vec",
        "doc2vec.txt",
        "gensim, KeyedVectors.save_word2vec_format with a prefix",
        text(lambda i: f"*dt_{i} {numbers(i)}", COUNTS),
        cells={"*": [f"*dt_{i}" for i in range(N)]},
    ),
    Export(
        "node2vec",
        "karate.emb",
        "node2vec, README: Output",
        text(lambda i: f"{NODES[i]} {numbers(i)}", COUNTS),
        cells={"*": NODES},
    ),
    Export(
        "PyTorch-BigGraph",
        "joined_embeddings.tsv",
        "PyTorch-BigGraph, torchbiggraph_export_to_tsv",
        text(lambda i: f"/m/0{i:05d}\t{numbers(i, chr(9))}"),
        cells={"*": [f"/m/0{i:05d}" for i in range(N)]},
    ),
    Export(
        "StarSpace",
        "model.tsv",
        "StarSpace, README: model.tsv",
        text(lambda i: f"__label__{i}\t{numbers(i, chr(9))}"),
        cells={"*": [f"__label__{i}" for i in range(N)]},
    ),
    Export(
        "fastText print-sentence-vectors",
        "sentences.txt",
        "fastText, Command line: print-sentence-vectors",
        text(lambda i: f"{numbers(i)} "),
    ),
    Export(
        "Wikipedia2Vec",
        "enwiki_20180420_100d.txt",
        "Wikipedia2Vec, save_text: ENTITY/ with underscores",
        text(lambda i: f"ENTITY/Item_{i} {numbers(i)}", COUNTS),
        cells={"*": [f"ENTITY/Item_{i}" for i in range(N)]},
    ),
    Export(
        "ConceptNet Numberbatch",
        "numberbatch.txt",
        "ConceptNet Numberbatch, README: word2vec text with URIs",
        text(lambda i: f"/c/de/wort_{i} {numbers(i)}", COUNTS),
        cells={"*": [f"/c/de/wort_{i}" for i in range(N)]},
    ),
    Export(
        "Kaldi text ark",
        "xvector.txt",
        "Kaldi, I/O mechanisms: text archive of vectors (copy-vector ark,t:)",
        text(kaldi),
        cells={"*": KALDI},
    ),
    Export(
        "Kaldi text ark of matrices of one row",
        "embeddings.ark",
        "Kaldi, I/O mechanisms: text archive of matrices",
        text(lambda i: f"{KALDI[i]}  [\n  {numbers(i)} ]"),
        cells={"*": KALDI},
    ),
    Export(
        "Julia DelimitedFiles",
        "embeddings.txt",
        "Julia, DelimitedFiles, writedlm: tabs, no heading",
        text(lambda i: numbers(i, "\t")),
    ),
]
