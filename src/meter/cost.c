/* The formula of the credits. Inputs are bounded first, so that no sum overflows whatever an
 * estimate claims. */
#include "meter/meter.h"

enum {
    STATEMENT = 1000,
    FURTHER_TABLE = 500,
    FULL_SCAN = 2000,
    SELECT_STAR = 1000,
    ROW_BLOCK = 1000,
    BLOCK_ROWS = 10000,
    TABLES_MAX = 1000000
};

int64_t cost_millicredits(const struct cost_input *in)
{
    int64_t tables = in->tables < TABLES_MAX ? (int64_t)in->tables : TABLES_MAX;
    int64_t beyond = in->rows > BLOCK_ROWS ? in->rows - BLOCK_ROWS : 0;
    int64_t blocks = beyond / BLOCK_ROWS + (beyond % BLOCK_ROWS != 0);

    return STATEMENT + (tables > 1 ? (tables - 1) * FURTHER_TABLE : 0) +
           (in->full_scan ? FULL_SCAN : 0) + (in->selects_star ? SELECT_STAR : 0) +
           blocks * ROW_BLOCK;
}
