#!/usr/bin/env bash
# Makes a pinned environment of the libraries of the field: scripts/stack.sh zarr2|zarr3 [packages]
#
# In build/stacks/NAME: the packages of tests/ecosystem/NAME.txt, and n1codec as a wheel, built anew if a source has changed. With
# `packages`, these alone. Exit code 3, and a line that says why, if the stack cannot be had here: no such Python, or no registry.
set -euo pipefail
cd "$(dirname "$0")/.."

name=${1:?zarr2 or zarr3}
case $name in
    zarr2) versions="3.11" ;;
    zarr3) versions="3.13 3.12" ;;
    *) echo "no stack is called $name: zarr2 or zarr3" >&2; exit 2 ;;
esac
stack=build/stacks/$name
pins=tests/ecosystem/$name.txt
python=$stack/bin/python

cannot() { echo "WARNING: the stack $name cannot be had here: $1" >&2; exit 3; }

find_python() {  # a pyenv shim may be there and not work
    local version candidate
    for version in $versions; do
        for candidate in "python$version" "$HOME"/.pyenv/versions/"$version"*/bin/"python$version"; do
            if "$candidate" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$version')" 2>/dev/null; then
                command -v "$candidate"
                return
            fi
        done
    done
    return 1
}

if ! cmp -s "$pins" "$stack/.pins"; then
    interpreter=$(find_python) || cannot "it takes Python ${versions// / or }"
    rm -rf "$stack"
    mkdir -p build/stacks
    "$interpreter" -m venv "$stack"
    "$python" -m pip install --quiet --no-deps --no-compile \
        --requirement "$pins" 2>"$stack/.log" || { tail -n 3 "$stack/.log" >&2; cannot "its packages could not be installed"; }
    "$python" -m pip check >/dev/null || { "$python" -m pip check; exit 1; }
    cp "$pins" "$stack/.pins"
fi
[ "${2:-}" != packages ] || exit 0

if [ ! -e "$stack/.wheel" ] || [ -n "$(find pyproject.toml CMakeLists.txt core plugins src -newer "$stack/.wheel" -type f ! -name '*.pyc' -print -quit)" ]; then
    rm -rf "$stack/wheel"
    touch "$stack/.building"
    "$python" -m pip wheel --quiet --no-deps --wheel-dir "$stack/wheel" . --config-settings=cmake.define.N1_WERROR=ON
    "$python" -m pip install --quiet --no-deps --force-reinstall "$stack"/wheel/n1codec-*.whl
    mv "$stack/.building" "$stack/.wheel"
fi
