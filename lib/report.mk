# Records, ledger, federation wire formats.
