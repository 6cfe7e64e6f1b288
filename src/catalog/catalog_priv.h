/* What the files of the catalog share. Private to src/catalog/. */
#ifndef CATALOG_CATALOG_PRIV_H
#define CATALOG_CATALOG_PRIV_H

#include "catalog/catalog.h"

/* Once its columns are there: `from` of those that are generated. */
void catalog_resolve_generated(struct arena *a, struct table *t);

#endif
