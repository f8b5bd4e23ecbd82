#!/bin/bash
# test_spelling.sh - documents and what programs say are free of known misspellings, where codespell is installed
command -v codespell >/dev/null || exit 77
cd "${srcdir:-.}" || exit 99
# \(bu is a bullet in manual pages; SMEs are who the sme modes are for.
exec codespell -q 3 -L bu,policys,sme --skip='*.svg' README.md NEWS UPGRADING.md doc lib tools plugins spank lua etc
