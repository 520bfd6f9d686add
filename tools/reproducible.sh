#!/usr/bin/env bash
# Builds dist/ twice and compares every byte: from two clean clones of the last commit, in folders of different names,
# with separate target folders, time zones and languages. It takes as long as two first builds: 5 to 20 minutes.
#
#   tools/reproducible.sh [FOLDER]     the folder for the clones (default: a new one, which is removed at the end)
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=${1:-}
if [[ -z $folder ]]; then
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
fi
mkdir -p "$folder"

# Usage: build NAME TIME_ZONE LANGUAGE
build() {
    git clone --quiet --no-local "$root" "$folder/$1/covid-classifier"
    env -u RUSTFLAGS CARGO_TARGET_DIR="$folder/$1/target" TZ="$2" LC_ALL="$3" "$folder/$1/covid-classifier/build.sh"
}

build one UTC C
build another-place Asia/Kathmandu C.UTF-8
begin=$SECONDS
diff --recursive --brief "$folder/one/covid-classifier/dist" "$folder/another-place/covid-classifier/dist"
printf 'dist/ of %s is the same from two clones, %d files, %d s\n' "$(git -C "$root" rev-parse --short HEAD)" \
    "$(find "$folder/one/covid-classifier/dist" -type f | wc -l)" "$begin"
