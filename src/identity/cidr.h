/* Address blocks (RFC 4632, RFC 4291): "10.0.0.0/8", "2001:db8::/32", a bare address. */
#ifndef IDENTITY_CIDR_H
#define IDENTITY_CIDR_H

#include "base/error.h"
#include "store/row.h"

/* Does `text` read as a block? Bits beyond the prefix must be zero: 10.1.2.3/8 is a mistake. */
bool cidr_is_valid(struct str text);

/* Is the address in the block? An IPv4 address mapped into IPv6 counts as IPv4. False where either
 * doesn't read. */
bool cidr_holds(struct str block, struct str address);

/* Is it in one of the blocks? Of no blocks every address is. */
bool cidr_any_holds(struct store_list blocks, struct str address);

/* ERR_VALIDATION names the first that isn't a block. */
MUST_USE enum status cidr_check(struct store_list blocks, struct error *e);

#endif
