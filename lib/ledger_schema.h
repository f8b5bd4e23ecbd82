/*
 * ledger_schema.h - the tables of a ledger's file: making them, and bringing older files up to date
 *
 * Version 2 adds `superseded` (events that a later one of the same row replaced) to version 1, version 3 adds `kept` (what stays of
 * events that were moved to an archive, see ledger_kept.h). Events are never changed in any, and only moved together with an anchor. Tables are STRICT where SQLite knows that (3.37); older ones, such as 3.34 of
 * RHEL 9, get CHECK (typeof()) on every column instead. Each kind of file can be read by newer SQLites, STRICT ones not by
 * older. For ledger*.c only.
 */
#ifndef AIF_LEDGER_SCHEMA_H
#define AIF_LEDGER_SCHEMA_H

#include <stdbool.h>

#include "ledger_db.h"

#define AIF_LEDGER_VERSION 3

/* The statements that make the tables of the present version, with or without STRICT. */
const char *aif_ledger_schema(bool strict);

/*
 * Make sure that an open file is a ledger of this version. For writing, an empty file gets its tables, and an older
 * ledger is brought up to date after a copy of it was made as "<path>.v<version>.bak" (mode 0600; an older copy of that
 * name is replaced). For reading, an older one gets what it lacks as temporary tables, and the file stays as it is.
 */
int aif_ledger_schema_check(struct aif_ledger *ledger, bool write, struct aif_error *err);

/* AIF_ECHAIN unless the triggers that keep events from changes are there, word by word. */
int aif_ledger_schema_guards(struct aif_ledger *ledger, struct aif_error *err);

/*
 * Take the guards away, and put them back: for the moving of events to an archive only, both within the one transaction that does
 * it. Whoever reads meanwhile sees the ledger as it was before; without the commit it stays so.
 */
int aif_ledger_schema_unguard(struct aif_ledger *ledger, struct aif_error *err);
int aif_ledger_schema_guard(struct aif_ledger *ledger, struct aif_error *err);

#endif
