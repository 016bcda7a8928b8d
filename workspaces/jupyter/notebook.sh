#!/bin/sh
# Starts JupyterLab for one notebook. The address and the token come from Bottega, by the environment: never on a
# command line, which anybody on the host could read.
set -eu
: "${JUPYTER_TOKEN:?the token of this notebook is missing}"
umask 077
exec jupyter-lab --no-browser
