/* Views. The engine keeps a view's name and column types, so that creating one is part of the
 * transaction, but not its meaning: its definition is kept beside it as a comment, in our canonical
 * SQL, and the binder opens it for each caller, whose policies then apply inside. The engine's own
 * view reads no table. Internal to src/pipeline/. */
#ifndef PIPELINE_VIEW_H
#define PIPELINE_VIEW_H

#include "pipeline/statement.h"

/* Runs a bound CREATE VIEW on the engine. */
MUST_USE enum status view_create(struct statement *s, struct error *e);

#endif
