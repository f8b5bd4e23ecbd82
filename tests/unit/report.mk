# records, ledger, wire formats
