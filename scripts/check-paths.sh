#!/usr/bin/env bash
# The tree names no path of the machine it was written on: no absolute path into a home directory or a workplace.
#   scripts/check-paths.sh
set -euo pipefail
cd "$(dirname "$0")/.."
# The brackets keep this file from naming what it looks for. A directory in front makes another path of it.
pattern='(^|[^[:alnum:]_.}$/~*-])/([w]ork|[r]oot|[h]ome|[U]sers)/'
# The pattern has to find such a path: one is put together here.
printf 'see /%s/x\n' home | grep -qE "$pattern" || { echo "the pattern finds nothing"; exit 1; }
if git grep -nIE "$pattern" -- . ':!*.csv'; then echo "the lines above name a path of a machine"; exit 1; fi
echo "no path of a machine in $(git ls-files | wc -l) files"
