#!/bin/bash
# test_spelling.sh - documents and what programs say are free of known misspellings, where codespell is installed
command -v codespell >/dev/null || exit 77
cd "${srcdir:-.}" || exit 99
# \(bu is a bullet in manual pages.
exec codespell -q 3 -L bu,policys --skip='*.svg' README.md NEWS UPGRADING.md doc lib tools plugins spank lua etc
