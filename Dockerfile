# docker build -t nearfield . && docker run --rm -p 8501:8501 nearfield

FROM python:3.13-slim AS builder
RUN apt-get update \
    && apt-get install -y --no-install-recommends g++ \
    && rm -rf /var/lib/apt/lists/*
# hnswlib is compiled here and may run on another processor.
ENV HNSWLIB_NO_NATIVE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
RUN python -m venv /venv
# Only what decides the dependencies, so that a change of the code does not install them again.
COPY pyproject.toml constraints.txt LICENSE ./
RUN mkdir core pages && /venv/bin/python -m pip install -c constraints.txt -e .

FROM python:3.13-slim
RUN useradd --create-home nearfield && install -d -o nearfield /app /app/.cache
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 NUMBA_CACHE_DIR=/app/.cache/numba
COPY --from=builder /venv /venv
WORKDIR /app
COPY --chown=nearfield . .
USER nearfield
# NUMBA_CACHE_DIR must be writable, or every start compiles again (the log says so).
# Kernels compiled here serve where the processor is of the same kind; elsewhere the first search
# compiles them again.
RUN python -m core.warm
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8501/health', timeout=4)"]
CMD ["python", "-m", "pages.launch", "--address=0.0.0.0", "--port=8501", "--no-browser"]
