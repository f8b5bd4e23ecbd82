# the wrapper around select/cons_tres
