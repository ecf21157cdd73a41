/* class_list_impl.h - the class folders that a run uses, named in a text file.
 *
 *     struct scl_class_list list = { 0 };
 *     SCL_TRY(scl_class_list_load(&list, &d->arena, "classes.txt"));
 *     SCL_TRY(scl_class_list_check(&list, &folder, "photos/train"));
 */
#ifndef SCL_DATA_CLASS_LIST_IMPL_H
#define SCL_DATA_CLASS_LIST_IMPL_H

struct scl_arena;
struct scl_folder;

/* Everything lives in the arena that it was loaded into. */
struct scl_class_list {
    const char *path;
    int n;
    const char **name; /* [n] in the order of the file: class c is name[c] */
    int *line;         /* [n] where it stands, from 1 */
};

/* A name is a line without the blanks around it; empty lines and those that begin
 * with # are passed over, and so is a byte order mark. Refuses a name that comes twice, and a file
 * without one. */
int scl_class_list_load(struct scl_class_list *out, struct scl_arena *arena, const char *path);

/* Refuses a name that is not a folder in `folder`, whose path is `path`. */
int scl_class_list_check(const struct scl_class_list *list, const struct scl_folder *folder,
                         const char *path);

#endif
