# The image of the container sandbox where the host's own interpreter can't be packed: macOS, another
# architecture, or --image. The tool passes BASE and LOCK; by hand: docker build -t rsi-sandbox:image .
ARG BASE=python:3.11-slim
FROM ${BASE}
# Name==version of everything the target needs beside the interpreter, separated by spaces.
ARG LOCK="pytest>=8.2"
# Compiled files go in: the file system is read-only later, and compiling at each start costs 0.7 s.
RUN python -m pip install --no-cache-dir --no-input --disable-pip-version-check --target /rsi/site ${LOCK} \
    && mkdir -p /work
ENV LANG=C.UTF-8 HOME=/tmp
LABEL rsi-sandbox=1
WORKDIR /tmp
CMD ["python3"]
