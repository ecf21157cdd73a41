/* lines.h - a file that grows by whole lines: the log, the metrics.
 *
 *     SCL_TRY(scl_lines_open(&lines, "runs/x/log.txt"));
 *     SCL_TRY(scl_lines_push(&lines, "begin"));
 *     scl_lines_close(&lines);
 *
 * A line reaches the file in one piece or not at all, also when the disk is full; half a line
 * that a killed process left at the end is cut off when the file is opened. One process at a time
 * has it open: others wait.
 */
#ifndef SCL_REPORT_LINES_H
#define SCL_REPORT_LINES_H

struct scl_lines {
    char *path;
    int fd;
};

/* Appends to the file, which is made where it is not there. After a failure, close it too. */
int scl_lines_open(struct scl_lines *out, const char *path);
void scl_lines_close(struct scl_lines *lines);

/* Appends the text and an end of line. */
int scl_lines_push(struct scl_lines *lines, const char *text);

/* Waits until all that was appended is on the disk. */
int scl_lines_flush(struct scl_lines *lines);

#endif
