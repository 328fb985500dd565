#!/usr/bin/env bash
# From a fresh clone, and from `cargo install`, to a verdict on one's own file, as a person does it who has never seen this:
# prints the transcript, docs/first-minute.md.
#   scripts/first-minute.sh > docs/first-minute.md
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export CARGO_TERM_COLOR=never NO_COLOR=1 LC_ALL=C.UTF-8
unset CARGO_TARGET_DIR

# Runs a line and shows it with what it printed; lines of cargo about single crates are left out.
show() {
  printf '$ %s\n' "$1"
  (eval "$1") 2>&1 | grep -vE '^ +(Downloading|Downloaded|Compiling|Updating|Locking|Adding) ' | sed -e "s#$work#~#g" -e 's/ *$//' || true
}

cat <<'TEXT'
# From nothing to a verdict

Made by `scripts/first-minute.sh`, which runs every line in an empty directory; nothing was edited. The file is a newcomer's:
accuracies in percent, with semicolons and decimal commas, sizes in thousands. Build times are those of the machine that made
this page (two cores, shared).

## From a clone: one command after the build

TEXT
echo '```text'
cd "$work"
show "git clone -q '$root' syn2real && cd syn2real && cargo build --release -p syn2real-cli" | sed -e "s#'$root'#<the repository>#"
cd syn2real
cat > "$work/my results.csv" <<'CSV'
Modell;Bilder;Genauigkeit
basis;1k;55,6%
basis;2k;60,1%
basis;4k;64,2%
basis;8k;67,3%
basis;16k;70,1%
basis;32k;72,2%
basis;64k;74,0%
CSV
show "cat '../my results.csv'"
show "target/release/syn2real '../my results.csv' --n Bilder --score Genauigkeit --target 80%"
echo '```'
printf '\n## From cargo install\n\n```text\n'
show "cargo install --quiet --path cli --root '$work/installed' && ls '$work/installed/bin'"
export PATH="$work/installed/bin:$PATH"
cd "$work"
show "syn2real --version | sed -E 's/[0-9a-f]{7,}/<commit>/'"
printf 'images,acc\n500,0.41\n1000,0.474\n2000,0.524\n4000,0.569\n8000,0.602\n16000,0.631\n' > runs.csv
show "cat runs.csv"
show "syn2real runs.csv --target 0.7"
show "cat runs.csv | syn2real --target 0.7 --format json | head -c 300"
echo
echo '```'
