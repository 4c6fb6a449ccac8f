"""Nearfield's library: embeddings, the HNSW index over them, and what can be measured of both."""
