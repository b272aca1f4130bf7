/* What is used of libarchive, which is loaded when the first container is read. */
#include "text/late.h"

#include <archive.h>
#include <archive_entry.h>

#define LATE(type, name, parameters, arguments)                                                    \
    ZF_LATE(ZF_ARCHIVE_LIBRARY, type, name, parameters, arguments)

LATE(struct archive *, archive_read_new, (void), ())
LATE(int, archive_read_free, (struct archive * archive), (archive))
LATE(int, archive_read_support_filter_all, (struct archive * archive), (archive))
LATE(int, archive_read_support_format_7zip, (struct archive * archive), (archive))
LATE(int, archive_read_support_format_ar, (struct archive * archive), (archive))
LATE(int, archive_read_support_format_cpio, (struct archive * archive), (archive))
LATE(int, archive_read_support_format_empty, (struct archive * archive), (archive))
LATE(int, archive_read_support_format_iso9660, (struct archive * archive), (archive))
LATE(int, archive_read_support_format_raw, (struct archive * archive), (archive))
LATE(int, archive_read_support_format_tar, (struct archive * archive), (archive))
LATE(int, archive_read_support_format_zip, (struct archive * archive), (archive))
LATE(int, archive_read_open_memory, (struct archive * archive, const void *buff, size_t size),
     (archive, buff, size))
LATE(int, archive_read_next_header, (struct archive * archive, struct archive_entry **entry),
     (archive, entry))
LATE(la_ssize_t, archive_read_data, (struct archive * archive, void *bytes, size_t size),
     (archive, bytes, size))
LATE(int, archive_format, (struct archive * archive), (archive))
LATE(const char *, archive_error_string, (struct archive * archive), (archive))
LATE(__LA_MODE_T, archive_entry_filetype, (struct archive_entry * entry), (entry))
LATE(const char *, archive_entry_hardlink, (struct archive_entry * entry), (entry))
LATE(const char *, archive_entry_pathname, (struct archive_entry * entry), (entry))
