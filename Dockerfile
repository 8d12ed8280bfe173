# Three images from one file: `app` (the default), and `ollama`, which is Ollama without root.
#
# The build talks to the package registries only, and the images hold no weights and no secrets.
# PyPI's torch brings CUDA along, several gigabytes of it. For a processor-only image, name
# PyTorch's own CPU index: docker compose build --build-arg PIP_EXTRA_INDEX_URL=…

FROM node:20.20-bookworm-slim AS frontend
WORKDIR /frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY frontend/ ./
RUN npm run build

FROM python:3.11-slim-bookworm AS wheels
ARG PIP_INDEX_URL
ARG PIP_EXTRA_INDEX_URL
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/groundkb
WORKDIR /source
COPY constraints.txt pyproject.toml README.md LICENSE NOTICE ./
# Dependencies first: they change less often than the code, and this layer is the slow one.
RUN mkdir app ingest prompts && touch app/__init__.py ingest/__init__.py prompts/__init__.py \
    && /opt/groundkb/bin/pip install -c constraints.txt '.[cloud,ocr,otel,postgres]' \
    && opencv=$(/opt/groundkb/bin/pip show opencv-python | sed -n 's/^Version: //p') \
    # The build without a screen's libraries: the slim image has no libGL.
    && /opt/groundkb/bin/pip uninstall --yes groundkb opencv-python \
    && /opt/groundkb/bin/pip install --no-deps "opencv-python-headless==$opencv"
COPY app/ app/
COPY ingest/ ingest/
COPY prompts/ prompts/
COPY --from=frontend /frontend/dist/ app/api/static/
RUN /opt/groundkb/bin/pip install --no-deps .

FROM ollama/ollama:0.35.1 AS ollama
RUN useradd --uid 10001 --create-home ollama \
    && install -d -o ollama -g ollama /home/ollama/.ollama
ENV HOME=/home/ollama
USER ollama

FROM python:3.11-slim-bookworm AS app
RUN useradd --uid 10001 --create-home groundkb \
    && install -d -o groundkb -g groundkb /data /models /documents /scratch /backups
COPY --from=wheels /opt/groundkb /opt/groundkb
# 0.0.0.0 is inside the container; what is published, and where, is compose's to say.
ENV PATH=/opt/groundkb/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    GROUNDKB_DATA=/data \
    GROUNDKB_MODELS=/models \
    GROUNDKB_HOST=0.0.0.0
USER groundkb
WORKDIR /home/groundkb
VOLUME ["/data", "/models"]
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=90s --retries=5 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/livez', timeout=4)"]
CMD ["groundkb", "serve"]
