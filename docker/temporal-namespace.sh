#!/bin/sh
# The namespace of Baton. Temporal keeps a finished run's history for so long; Baton's own export of it, in Postgres, stays.
set -eu
temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" > /dev/null 2>&1 ||
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 72h
