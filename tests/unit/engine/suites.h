#ifndef TESTS_ENGINE_SUITES_H
#define TESTS_ENGINE_SUITES_H

int open_suite(void);
int statement_suite(void);
int types_suite(void);
int data_suite(void);

#endif
