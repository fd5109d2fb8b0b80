# Three stages: the first builds the browser's part, the second installs, both from hashed locks; the third holds what
# runs and nothing to build with.
FROM node:22-slim AS browser

# Nothing that is fetched may run while it is fetched; a bundle other than the one reviewed ends the build.
WORKDIR /source
COPY browser browser
RUN npm --prefix browser ci --ignore-scripts && node browser/build.js


FROM python:3.11-slim AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
WORKDIR /source

# The lock alone first: it changes rarely, and what is installed from it is kept between builds.
COPY constraints.txt ./
RUN /venv/bin/pip install --require-hashes -r constraints.txt

COPY pyproject.toml README.md LICENSE ./
COPY alembic alembic
COPY service service
COPY --from=browser /source/service/pages/static/unlinkable.js service/pages/static/unlinkable.js
RUN /venv/bin/pip install --no-deps --no-build-isolation .

# The lock holds what builds the wheel as well; from here on nothing is built.
RUN /venv/bin/pip uninstall --yes hatchling trove-classifiers pip


FROM python:3.11-slim

COPY --from=build /venv /venv

# A number and no name: a cluster can check that it is not root. Only this account may look into the data's folder, and
# into that of the keys, which is another, so that whoever copies or backs up one has not got both.
RUN install -d -o 10001 -g 10001 -m 700 /data
RUN install -d -o 10001 -g 10001 -m 700 /keys
USER 10001:10001
WORKDIR /data
VOLUME /data
VOLUME /keys

# Inside a container the address is everybody's; who may reach it is said where the port is published.
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    REDWOOD_HOST=0.0.0.0 \
    REDWOOD_PORT=8000 \
    REDWOOD_DATABASE_URL=sqlite:////data/redwood.db \
    REDWOOD_CUSTODY=file:/keys
EXPOSE 8000

# Asked directly, past any proxy the environment names. /readyz asks the database too.
HEALTHCHECK --interval=30s --timeout=6s --start-period=30s --retries=3 CMD ["python", "-c", "import http.client, os, sys; it = http.client.HTTPConnection('127.0.0.1', int(os.environ['REDWOOD_PORT']), timeout=5); it.request('GET', '/readyz'); sys.exit(it.getresponse().status != 204)"]

# One process: what arrives together is committed together. It writes no access log, whoever runs it.
CMD ["redwood", "serve", "--migrate"]
