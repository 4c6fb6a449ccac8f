"""Text encoders from a folder of this machine, in numpy: what a text's vector is, as the data's.

load       a folder -> a `TextEncoder`, or why it cannot be run
encoder    texts -> vectors, in batches
bert, static  the networks: BERT, and the static vectors of model2vec
wordpiece, tokenizer  text -> ids
folder     files of a model, checked before they are believed
fit        whether an encoder made the vectors of a set
"""

from core.encoders.encoder import TextEncoder
from core.encoders.fit import EncoderFit, TextSource, fit_of
from core.encoders.load import load_encoder

__all__ = ["EncoderFit", "TextEncoder", "TextSource", "fit_of", "load_encoder"]
