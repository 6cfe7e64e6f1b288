#ifndef BENCH_POLICY_MASKS_H
#define BENCH_POLICY_MASKS_H

/* Prints how long a result takes under each mask, beside the same result unmasked and, for the
 * hash, beside the HMAC itself. `folder` as of in_process_open. */
void measure_masks(const char *extension_dir, const char *folder);

#endif
