/* The tests of src/engine/: one list a file. */
#include "suites.h"

int main(void)
{
    return open_suite() + statement_suite() + types_suite() + data_suite();
}
