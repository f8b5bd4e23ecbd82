# aif: one command, one file per subcommand
