#!/usr/bin/env bash
# rustc for what is counted. cargo puts a hash of the directory of a package into its metadata; the order in which code
# is generated, and so what is inlined, depends on it: up to 2.4 % of a count. Here the metadata are the same everywhere.
#   RUSTC_WRAPPER=rustc.sh cargo build
set -euo pipefail
arguments=()
for argument in "$@"; do
  case $argument in
  metadata=*) argument=metadata=counted ;;
  esac
  arguments+=("$argument")
done
exec "${arguments[@]}"
