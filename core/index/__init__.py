"""HNSW: build, parse, search, trace and sweep."""
