# docker build -t nearfield . && docker run --rm -p 127.0.0.1:8501:8501 -v nearfield:/data nearfield
# More, and what each setting is for: docs/deployment.md.

FROM python:3.13-slim AS builder
RUN apt-get update \
    && apt-get install -y --no-install-recommends g++ \
    && rm -rf /var/lib/apt/lists/*
# hnswlib is compiled here and may run on another processor.
ENV HNSWLIB_NO_NATIVE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
RUN python -m venv --without-pip /venv
ARG EXTRAS=auth,replicas
# Only what decides the dependencies, so that a change of the code does not install them again.
COPY pyproject.toml constraints.txt LICENSE ./
# Tests of the libraries are a sixth of what they install, and no part of what runs.
RUN mkdir core pages \
    && python -m pip --python /venv/bin/python install -c constraints.txt -e ".[$EXTRAS]" \
    && find /venv -type d -name tests -prune -exec rm -r {} +

FROM python:3.13-slim
# All that is written is in /data, and belongs to group 0, so that any user id of that group serves.
# The code is root's: nobody changes it while it runs.
RUN useradd --uid 1000 --gid 0 --no-create-home --home-dir /data/home nearfield \
    && install -d -o 1000 -g 0 -m 775 /data
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PORT=8501 \
    HOME=/data/home TMPDIR=/data/tmp NUMBA_CACHE_DIR=/data/numba NEARFIELD_STORE=/data/store
COPY --from=builder /venv /venv
WORKDIR /app
COPY . .
# Kernels compiled here serve where the processor is of the same kind; elsewhere the first search
# compiles them again. start.sh copies them to where they can be renewed. The sources are compiled
# too, for nothing may be written beside them later.
RUN umask 002 \
    && TMPDIR=/tmp NUMBA_CACHE_DIR=/app/.cache/numba python -m core.warm \
    && python -m compileall -q --invalidation-mode unchecked-hash app.py core pages
USER 1000
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["python", "deploy/health.py"]
CMD ["sh", "deploy/start.sh"]
