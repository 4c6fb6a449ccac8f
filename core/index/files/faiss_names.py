"""What faiss calls the kinds of index and the metrics that its files name by letters and numbers.

(https://github.com/facebookresearch/faiss, `impl/index_read.cpp` and `MetricType.h`)
"""

METRIC_NAMES = {
    0: "inner product",
    1: "L2",
    2: "L1",
    3: "Linf",
    4: "Lp",
    20: "Canberra",
    21: "Bray-Curtis",
    22: "Jensen-Shannon",
    23: "Jaccard",
    24: "NaN Euclidean",
    25: "Gower",
}

CLASSES = {
    b"IxF2": "IndexFlatL2",
    b"IxFI": "IndexFlatIP",
    b"IxFl": "IndexFlat",
    b"IxFP": "IndexFlatL2Panorama",
    b"IxFp": "IndexFlatIPPanorama",
    b"IxHE": "IndexLSH",
    b"IxHe": "IndexLSH",
    b"IxPQ": "IndexPQ",
    b"IxPo": "IndexPQ",
    b"IxPq": "IndexPQ",
    b"IxRQ": "IndexResidualQuantizer",
    b"IxRq": "IndexResidualQuantizer",
    b"IxLS": "IndexLocalSearchQuantizer",
    b"IxPR": "IndexProductResidualQuantizer",
    b"IxPL": "IndexProductLocalSearchQuantizer",
    b"ILfs": "IndexLocalSearchQuantizerFastScan",
    b"IRfs": "IndexResidualQuantizerFastScan",
    b"IPLf": "IndexProductLocalSearchQuantizerFastScan",
    b"IPRf": "IndexProductResidualQuantizerFastScan",
    b"IVLf": "IndexIVFLocalSearchQuantizerFastScan",
    b"IVRf": "IndexIVFResidualQuantizerFastScan",
    b"NPLf": "IndexIVFProductLocalSearchQuantizerFastScan",
    b"NPRf": "IndexIVFProductResidualQuantizerFastScan",
    b"ImRQ": "ResidualCoarseQuantizer",
    b"Imiq": "MultiIndexQuantizer",
    b"Ix2L": "Index2Layer",
    b"IxSQ": "IndexScalarQuantizer",
    b"IxLa": "IndexLattice",
    b"IxEd": "IndexEDEN",
    b"IxEe": "IndexEDEN",
    b"Ixrq": "IndexRaBitQ",
    b"Ixrr": "IndexRaBitQ",
    b"Irfn": "IndexRaBitQFastScan",
    b"Irfs": "IndexRaBitQFastScan",
    b"IPfs": "IndexPQFastScan",
    b"IxRF": "IndexRefine",
    b"IxRP": "IndexRefinePanorama",
    b"IRMf": "IndexRowwiseMinMaxFP16",
    b"IRMh": "IndexRowwiseMinMax",
    b"IvFl": "IndexIVFFlat",
    b"IvFL": "IndexIVFFlat",
    b"IwFl": "IndexIVFFlat",
    b"IwFd": "IndexIVFFlatDedup",
    b"IwPn": "IndexIVFFlatPanorama",
    b"IwP2": "IndexIVFFlatPanorama",
    b"IvSQ": "IndexIVFScalarQuantizer",
    b"IwSQ": "IndexIVFScalarQuantizer",
    b"IwSq": "IndexIVFScalarQuantizer",
    b"IvPQ": "IndexIVFPQ",
    b"IwPQ": "IndexIVFPQ",
    b"IvQR": "IndexIVFPQR",
    b"IwQR": "IndexIVFPQR",
    b"IwPf": "IndexIVFPQFastScan",
    b"IwLS": "IndexIVFLocalSearchQuantizer",
    b"IwRQ": "IndexIVFResidualQuantizer",
    b"IwPL": "IndexIVFProductLocalSearchQuantizer",
    b"IwPR": "IndexIVFProductResidualQuantizer",
    b"IwSh": "IndexIVFSpectralHash",
    b"IwIQ": "IndexIVFIndependentQuantizer",
    b"IwEd": "IndexIVFEDEN",
    b"IwEe": "IndexIVFEDEN",
    b"Iwrq": "IndexIVFRaBitQ",
    b"Iwrr": "IndexIVFRaBitQ",
    b"Iwrf": "IndexIVFRaBitQFastScan",
    b"Iwrn": "IndexIVFRaBitQFastScan",
    b"INSf": "IndexNSGFlat",
    b"INSp": "IndexNSGPQ",
    b"INSs": "IndexNSGSQ",
    b"INNf": "IndexNNDescentFlat",
    b"IHN2": "IndexHNSW2Level",
    b"ILVQ": "IndexSVSVamanaLVQ",
    b"ISVL": "IndexSVSVamanaLeanVec",
    b"ISV2": "IndexSVSVamana",
    b"ISVD": "IndexSVSVamana",
    b"ISVF": "IndexSVSFlat",
    b"ISIQ": "IndexSVSIVFLVQ",
    b"ISIL": "IndexSVSIVFLeanVec",
    b"ISID": "IndexSVSIVF",
    b"IBxF": "IndexBinaryFlat",
    b"IBwF": "IndexBinaryIVF",
    b"IBFf": "IndexBinaryFromFloat",
    b"IBHf": "IndexBinaryHNSW",
    b"IBHc": "IndexBinaryHNSWCagra",
    b"IBMp": "IndexBinaryIDMap",
    b"IBM2": "IndexBinaryIDMap2",
    b"IBHh": "IndexBinaryHash",
    b"IBHm": "IndexBinaryMultiHash",
}


def class_name(fourcc: bytes) -> str:
    """The class that writes this fourcc, for messages; the bytes where none is known.

    >>> class_name(b"IwFl"), class_name(b"IBHf"), class_name(b"....")
    ('IndexIVFFlat', 'IndexBinaryHNSW, a binary index,', "b'....'")
    """
    name = CLASSES.get(fourcc, repr(fourcc))
    return f"{name}, a binary index," if fourcc.startswith(b"IB") else name


def metric_name(number: int) -> str:
    """What faiss calls a metric, with its number in the file.

    >>> metric_name(2), metric_name(99)
    ('L1 (2)', 'metric 99')
    """
    return f"{METRIC_NAMES[number]} ({number})" if number in METRIC_NAMES else f"metric {number}"
