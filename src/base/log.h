/* The operator's log: one line an event on standard error, "time level module: text". Control
 * characters become spaces, so that no client can forge a line. Never put SQL text, values or
 * secrets into it: the audit log is the place for (redacted) statements. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

void log_set_level(enum log_level least);
void log_event(enum log_level level, const char *module, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#define log_debug(module, ...) log_event(LOG_DEBUG, module, __VA_ARGS__)
#define log_info(module, ...)  log_event(LOG_INFO, module, __VA_ARGS__)
#define log_warn(module, ...)  log_event(LOG_WARN, module, __VA_ARGS__)
#define log_error(module, ...) log_event(LOG_ERROR, module, __VA_ARGS__)

#endif
