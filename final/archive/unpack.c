/*
 * unpack: from a tar to a tree, by somebody who can't reach anything else.
 *
 * Kernel object  a root directory, as in step 02
 * Side           a child, which sees nothing but the new tree
 * Look at it     strace -f -e trace=pivot_root duct load -i ARCHIVE
 */
#include "unpack.h"

#include <errno.h>
#include <iconv.h>
#include <locale.h>
#include <sys/stat.h>
#include <unistd.h>

#include "explain.h"
#include "extract.h"
#include "stream.h"

void unpack_prepare(void)
{
    extract_prepare();
    setlocale(LC_CTYPE, "C.UTF-8"); /* as names in a tar are */
    iconv_t converter = iconv_open("UTF-8", "UTF-8");
    if (converter != (iconv_t)-1)
        iconv_close(converter);
}

int unpack_here(int fd, const char *what, bool user, long long *size,
                struct failure *why)
{
    char rest[4096];

    umask(022);
    explain(CONTAINER, "chmod 755 .");
    explain(CONTAINER, "tar -xp --xattrs --numeric-owner --exclude='.wh.*'");
    if (chmod(".", 0755) < 0)
        return fail(why, errno, "chmod the root of %s", what);
    cleanup_archive struct archive *tar = stream_tar(fd, what, why);
    int status = tar == NULL ? -1 : extract_tar(tar, what, user, size, why);
    /* A tar ends before its file does, and somebody may write to the end. */
    while (status == 0 && read(fd, rest, sizeof(rest)) > 0)
        ;
    return status;
}
