/* Keys of who operates the installation through the control plane of elsewhere. Such a key is of no
 * organization: it opens the REST routes that say so, and nothing on the wire. */
#ifndef IDENTITY_OPERATOR_H
#define IDENTITY_OPERATOR_H

#include "identity/identity.h"
#include "store/operators.h"

/* Is it one by its form? "hd_oper_" and 32 letters and digits. */
bool identity_is_operator_key(struct str secret);

/* The key behind `secret`, if it may be used now from there: its time and its addresses. Every
 * refusal is ERR_AUTH with the same text as other credentials have; an unknown key costs the same
 * Argon2 as a wrong one. Other errors as of identity_verify(). Blocks. */
MUST_USE enum status identity_verify_operator(struct identity *i, struct str secret,
                                              struct str source_ip, struct arena *a,
                                              struct store_operator_key *out, struct error *e);

/* A new one, as identity_issue_key(). */
MUST_USE enum status identity_issue_operator_key(struct identity *i, char key[API_KEY_SIZE],
                                                 char hash[API_KEY_HASH_SIZE], struct error *e);

#endif
