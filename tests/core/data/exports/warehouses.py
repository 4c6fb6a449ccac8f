"""Tables that warehouses, databases, spreadsheets and languages write as text or JSON."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from .databases import lines
from .export import CATEGORIES, DIM, IDS, LISTS, TITLES, VECTORS, YEARS, Export, N

TITLE = {"title": TITLES}


def bracketed(i: int, between: str = ",") -> str:
    return "[" + between.join(str(value) for value in LISTS[i]) + "]"


def table(
    rows: Sequence[Sequence[object]],
    header: Sequence[str] | None = None,
    delimiter: str = ",",
    quoting: Any = csv.QUOTE_MINIMAL,
    end: str = "\n",
    escape: str | None = None,
) -> str:
    out = io.StringIO()
    writer = csv.writer(
        out,
        delimiter=delimiter,
        quoting=quoting,
        lineterminator=end,
        escapechar=escape,
        doublequote=escape is None,
    )
    writer.writerows(([list(header)] if header else []) + [list(row) for row in rows])
    return out.getvalue()


def supabase() -> bytes:
    rows = [
        [i + 1, TITLES[i], json.dumps({"category": CATEGORIES[i], "loc": i}), bracketed(i)]
        for i in range(N)
    ]
    return table(rows, ["id", "content", "metadata", "embedding"]).encode()


def psql_semicolons() -> bytes:
    rows = [[i + 1, TITLES[i], bracketed(i)] for i in range(N)]
    return table(rows, ["id", "title", "embedding"], ";").encode()


def psql_bytea() -> bytes:
    rows = [[i + 1, TITLES[i], "\\x" + VECTORS[i].tobytes().hex()] for i in range(N)]
    return table(rows, ["id", "title", "embedding"]).encode()


def bigquery(i: int) -> Any:
    return {
        "id": str(i),
        "title": TITLES[i],
        "year": str(YEARS[i]),
        "embedding": [str(value) for value in LISTS[i]],
    }


def snowflake() -> bytes:
    rows = [
        [i, TITLES[i], YEARS[i], "[" + ",".join(f"{value:.6f}" for value in LISTS[i]) + "]"]
        for i in range(N)
    ]
    header = ["ID", "TITLE", "PUBLISHED", "EMBEDDING"]
    return table(rows, header, quoting=csv.QUOTE_ALL).encode()


def spark() -> bytes:
    rows = [[IDS[i], TITLES[i], bracketed(i)] for i in range(N)]
    return table(rows, ["id", "title", "embedding"], escape="\\").encode()


def redshift() -> bytes:
    return "".join(f"{i}|{TITLES[i]}|{bracketed(i)}\n" for i in range(N)).encode()


def athena() -> bytes:
    rows = [[IDS[i], TITLES[i], bracketed(i, ", ")] for i in range(N)]
    return table(rows, ["id", "title", "embedding"], quoting=csv.QUOTE_ALL).encode()


def hive() -> bytes:
    rows = [
        "\x01".join([IDS[i], TITLES[i], "\x02".join(str(value) for value in LISTS[i])])
        for i in range(N)
    ]
    return ("\n".join(rows) + "\n").encode()


def neo4j_csv() -> bytes:
    rows = [[i, ":Article", TITLES[i], YEARS[i], bracketed(i), "", "", ""] for i in range(N)]
    header = ["_id", "_labels", "title", "year", "embedding", "_start", "_end", "_type"]
    return table(rows, header, quoting=csv.QUOTE_ALL).encode()


def openai_cookbook() -> bytes:
    frame = pd.DataFrame(
        {
            "ProductId": [f"B{i:09d}" for i in range(N)],
            "UserId": [f"A{i:013d}" for i in range(N)],
            "Score": [1 + i % 5 for i in range(N)],
            "Summary": TITLES,
            "Text": [f"{title}. I bought it twice." for title in TITLES],
            "combined": [f"Title: {title}; Content: I bought it twice." for title in TITLES],
            "n_tokens": [50 + i for i in range(N)],
            "embedding": LISTS,
        }
    )
    return frame.to_csv().encode()


def lancedb() -> bytes:
    frame = pd.DataFrame(
        {
            "vector": list(VECTORS),
            "item": TITLES,
            "price": [1.5 + i for i in range(N)],
            "_distance": np.linspace(0, 1, N),
        }
    )
    return frame.to_csv(index=False).encode()


def numbered_rows(separator: str, decimal: str, quote: str) -> str:
    def cell(value: float) -> str:
        return str(value).replace(".", decimal)

    header = ["", *(f"X{j + 1}" for j in range(DIM)), "species"]
    written = [separator.join(f"{quote}{name}{quote}" for name in header)]
    for i in range(N):
        cells = [f"{quote}{i + 1}{quote}", *(cell(value) for value in LISTS[i])]
        written.append(separator.join([*cells, f"{quote}{CATEGORIES[i]}{quote}"]))
    return "\n".join(written) + "\n"


def r_write_table() -> bytes:
    header = " ".join(f'"V{j + 1}"' for j in range(DIM)) + ' "species"\n'
    rows = [
        " ".join([f'"{i + 1}"', *(str(value) for value in LISTS[i]), f'"{CATEGORIES[i]}"']) + "\n"
        for i in range(N)
    ]
    return (header + "".join(rows)).encode()


def german_excel(encoding: str) -> Callable[[], bytes]:
    def build() -> bytes:
        rows = [
            [TITLES[i], CATEGORIES[i], *(str(value).replace(".", ",") for value in LISTS[i])]
            for i in range(N)
        ]
        header = ["Titel", "Gruppe", *(f"Wert {j + 1}" for j in range(DIM))]
        return table(rows, header, ";", end="\r\n").encode(encoding)

    return build


def matlab_matrix() -> bytes:
    return table([[f"{value:.15g}" for value in row] for row in LISTS]).encode()


def matlab_table() -> bytes:
    rows = [[TITLES[i], *LISTS[i]] for i in range(N)]
    return table(rows, ["title", *(f"embeddings_{j + 1}" for j in range(DIM))]).encode()


def rapidminer() -> bytes:
    rows = [
        [*(str(value) for value in LISTS[i]), CATEGORIES[i], f"prediction {i % 2}"]
        for i in range(N)
    ]
    header = [*(f"att{j + 1}" for j in range(DIM)), "label", "prediction(label)"]
    return table(rows, header, ";", quoting=csv.QUOTE_ALL).encode()


def arff() -> bytes:
    head = "% made for a lesson\n@RELATION articles\n\n@ATTRIBUTE title STRING\n"
    head += "".join(f"@ATTRIBUTE e{j} NUMERIC\n" for j in range(DIM))
    head += "@ATTRIBUTE class {solar,sourdough,chess,river}\n\n@DATA\n"

    def quoted(title: str) -> str:
        return "'" + title.replace("'", "\\'") + "'"

    rows = [
        ",".join([quoted(TITLES[i]), *(str(value) for value in LISTS[i]), CATEGORIES[i]]) + "\n"
        for i in range(N)
    ]
    return (head + "".join(rows)).encode()


def orange_tab() -> bytes:
    names = ["title", *(f"e{j}" for j in range(DIM)), "topic"]
    types = ["string", *["continuous"] * DIM, "discrete"]
    flags = ["meta", *[""] * DIM, "class"]
    rows = [[TITLES[i], *(str(value) for value in LISTS[i]), CATEGORIES[i]] for i in range(N)]
    return ("\n".join("\t".join(row) for row in [names, types, flags, *rows]) + "\n").encode()


def orange_one_line() -> bytes:
    names = ["mS#title", *(f"C#e{j}" for j in range(DIM)), "cD#topic"]
    rows = [[TITLES[i], *(str(value) for value in LISTS[i]), CATEGORIES[i]] for i in range(N)]
    return ("\n".join("\t".join(row) for row in [names, *rows]) + "\n").encode()


def libsvm() -> bytes:
    rows = [
        " ".join([str(i % 4), *(f"{j + 1}:{LISTS[i][j]}" for j in range(DIM) if (i + j) % 3)])
        for i in range(N)
    ]
    return ("\n".join(rows) + "\n").encode()


def pixels() -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (N, DIM)).astype(np.float32)


def kaggle_pixels() -> bytes:
    rows = [[i % 10, *row.astype(int).tolist()] for i, row in enumerate(pixels())]
    return table(rows, ["label", *(f"pixel{j}" for j in range(DIM))]).encode()


def uci_iris() -> bytes:
    rows = [[*(f"{value:.1f}" for value in row), name] for row, name in iris()]
    return (table(rows) + "\n").encode()


def iris() -> list[tuple[list[float], str]]:
    names = ("Iris-setosa", "Iris-versicolor", "Iris-virginica")
    return [([5.1 + i / 10, 3.5, 1.4 + i % 3, 0.2 + i / 20], names[i // 8]) for i in range(N)]


IRIS = np.array([[float(f"{value:.1f}") for value in row] for row, _ in iris()], np.float32)


def cell_ranger() -> bytes:
    rows = [[f"ACGT{i:012d}-1", *LISTS[i]] for i in range(N)]
    return table(rows, ["Barcode", *(f"PC-{j + 1}" for j in range(DIM))]).encode()


def seurat() -> bytes:
    header = ",".join(['""', *(f'"PC_{j + 1}"' for j in range(DIM))]) + "\n"
    rows = [
        ",".join([f'"ACGT{i:012d}-1"', *(str(value) for value in LISTS[i])]) + "\n"
        for i in range(N)
    ]
    return (header + "".join(rows)).encode()


def earth_engine() -> bytes:
    rows = [
        [f"{i:020d}", *LISTS[i], i % 4, f'{{"type":"Point","coordinates":[10.5,{i}]}}']
        for i in range(N)
    ]
    header = ["system:index", *(f"A{j:02d}" for j in range(DIM)), "landcover", ".geo"]
    return table(rows, header).encode()


def pandas_json(orient: Any) -> Callable[[], bytes]:
    def build() -> bytes:
        frame = pd.DataFrame({"title": TITLES, "year": YEARS, "embedding": LISTS})
        return str(frame.to_json(orient=orient, double_precision=10)).encode()

    return build


WAREHOUSES = [
    Export(
        "Supabase",
        "documents_rows.csv",
        "Supabase, Table editor, Export data as CSV; LangChain's documents table",
        supabase,
        cells={"content": TITLES},
    ),
    Export(
        "psql copy with semicolons",
        "docs.csv",
        "PostgreSQL, COPY: FORMAT csv, HEADER, DELIMITER ';'",
        psql_semicolons,
        cells=TITLE,
    ),
    Export(
        "psql bytea",
        "docs.csv",
        "PostgreSQL, Binary data types: bytea hex format",
        psql_bytea,
        cells=TITLE,
    ),
    Export(
        "BigQuery",
        "bq-results.jsonl",
        "Google Cloud, BigQuery, bq query --format=json: values as strings",
        lines(bigquery),
        cells=TITLE,
    ),
    Export(
        "Snowflake",
        "data_0_0_0.csv",
        "Snowflake, COPY INTO location with FIELD_OPTIONALLY_ENCLOSED_BY; VECTOR to text",
        snowflake,
        cells={"TITLE": TITLES},
    ),
    Export(
        "Spark",
        "part-00000-tid-1-c000.csv",
        "Apache Spark, CSV files: escape is a backslash; to_json of an array column",
        spark,
        cells={**TITLE, "id": IDS},
    ),
    Export(
        "Redshift UNLOAD",
        "docs0000_part_00",
        "AWS, Redshift, UNLOAD: pipes, no heading; SUPER as JSON text",
        redshift,
    ),
    Export(
        "Athena",
        "0f3b6a1c-result.csv",
        "AWS, Athena, query results: every field quoted",
        athena,
        cells={**TITLE, "id": IDS},
    ),
    Export(
        "Hive text",
        "000000_0",
        "Apache Hive, LanguageManual DDL: fields by ^A, items of an array by ^B",
        hive,
        refused=("Hive",),
    ),
    Export(
        "Neo4j APOC",
        "nodes.csv",
        "Neo4j, APOC, apoc.export.csv.all",
        neo4j_csv,
        cells=TITLE,
    ),
    Export(
        "OpenAI cookbook",
        "fine_food_reviews_with_embeddings_1k.csv",
        "OpenAI Cookbook, Get embeddings from dataset",
        openai_cookbook,
        cells={"Summary": TITLES},
    ),
    Export(
        "LanceDB to pandas",
        "results.csv",
        "LanceDB, search().to_pandas().to_csv()",
        lancedb,
        cells={"item": TITLES},
    ),
    Export(
        "R write.csv",
        "embeddings.csv",
        "R, write.table: write.csv writes row names under an empty heading",
        lambda: numbered_rows(",", ".", '"').encode(),
        cells={"species": CATEGORIES},
    ),
    Export(
        "R write.csv2",
        "embeddings.csv",
        "R, write.table: write.csv2 writes semicolons and decimal commas",
        lambda: numbered_rows(";", ",", '"').encode(),
        cells={"species": CATEGORIES},
    ),
    Export(
        "R write.table",
        "embeddings.txt",
        "R, write.table: the heading has one field less than the rows",
        r_write_table,
        cells={"species": CATEGORIES},
    ),
    Export(
        "Excel, German, UTF-8",
        "werte.csv",
        "Microsoft Support, CSV UTF-8 under German regional settings",
        german_excel("utf-8-sig"),
        cells={"Titel": TITLES, "Gruppe": CATEGORIES},
    ),
    Export(
        "Excel, German, Windows",
        "werte.csv",
        "Microsoft Support, CSV (semicolon delimited), code page 1252",
        german_excel("cp1252"),
        refused=("Windows-1252", "Save the file again as UTF-8"),
    ),
    Export(
        "MATLAB writematrix",
        "embeddings.csv",
        "MathWorks, writematrix",
        matlab_matrix,
    ),
    Export(
        "MATLAB writetable",
        "embeddings.csv",
        "MathWorks, writetable: a matrix variable becomes numbered columns",
        matlab_table,
        cells=TITLE,
    ),
    Export(
        "RapidMiner",
        "result.csv",
        "RapidMiner, Write CSV: semicolons, quoted nominal and numeric values",
        rapidminer,
        cells={"label": CATEGORIES},
        label="label",
    ),
    Export(
        "Weka ARFF",
        "articles.arff",
        "Weka, Attribute-Relation File Format",
        arff,
        cells={**TITLE, "class": CATEGORIES},
        label="class",
    ),
    Export(
        "Orange, three heading lines",
        "articles.tab",
        "Orange, Loading your data: three-row heading",
        orange_tab,
        cells={**TITLE, "topic": CATEGORIES},
    ),
    Export(
        "Orange, prefixes in the heading",
        "articles.tab",
        "Orange, Loading your data: single-row heading with prefixes",
        orange_one_line,
        cells={**TITLE, "topic": CATEGORIES},
    ),
    Export(
        "svmlight",
        "train.svm",
        "LIBSVM, README: label index:value; scikit-learn, dump_svmlight_file",
        libsvm,
        refused=("sparse",),
    ),
    Export(
        "Kaggle pixels",
        "train.csv",
        "Kaggle, Digit Recognizer: label, pixel0, pixel1, ...",
        kaggle_pixels,
        vectors=pixels(),
        cells={"label": [i % 10 for i in range(N)]},
        label="label",
    ),
    Export(
        "UCI iris",
        "iris.data",
        "UCI Machine Learning Repository, Iris: iris.data",
        uci_iris,
        vectors=IRIS,
    ),
    Export(
        "Cell Ranger",
        "projection.csv",
        "10x Genomics, Cell Ranger, secondary analysis: pca/projection.csv",
        cell_ranger,
        cells={"Barcode": [f"ACGT{i:012d}-1" for i in range(N)]},
    ),
    Export(
        "Seurat",
        "pca.csv",
        "Seurat, Embeddings() written by write.csv",
        seurat,
    ),
    Export(
        "Earth Engine",
        "samples.csv",
        "Google Earth Engine, Export.table.toDrive of the satellite embedding data set",
        earth_engine,
    ),
    *(
        Export(
            f"pandas to_json, {orient}",
            "frame.json",
            "pandas, DataFrame.to_json: orient",
            pandas_json(orient),
            cells=TITLE,
        )
        for orient in ("records", "columns", "index", "split", "table")
    ),
]
