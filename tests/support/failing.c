/* Stands between a program and the kernel (LD_PRELOAD): a disk that is slow, full or broken, and a resolver that is silent.

   FAILING_STATE  a file of int32, mapped: errno of fsync, its delay in ms, errno of writes that make a file longer,
                  delay of name lookups in ms. All 0: everything works. The test writes it while the program runs.
   FAILING_PATH   files whose path contains this are meant.
   FAILING_LOG    where every write, sync, cut and removal of such a file is noted, in order. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define FILES 65536
#define REAL(name, type) static __typeof__(type) real; if (!real) real = (__typeof__(type))dlsym(RTLD_NEXT, name)

static volatile int32_t *state;
static const char *meant;
static int journal = -1;
static char *paths[FILES];
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void begin(void) {
  const char *file = getenv("FAILING_STATE"), *log = getenv("FAILING_LOG");
  meant = getenv("FAILING_PATH");
  if (file) {
    int fd = syscall(SYS_openat, AT_FDCWD, file, O_RDONLY);
    void *at = fd < 0 ? MAP_FAILED : mmap(0, 16, PROT_READ, MAP_SHARED, fd, 0);
    if (at != MAP_FAILED) state = at;
    if (fd >= 0) syscall(SYS_close, fd);
  }
  if (log) journal = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CREAT, 0600);
}

static int wrong(int which) { return state ? state[which] : 0; }

static void wait_ms(int ms) {
  struct timespec left = {ms / 1000, (ms % 1000) * 1000000L};
  while (ms && nanosleep(&left, &left)) {}
}

static const char *path_of(int fd) { return fd >= 0 && fd < FILES ? paths[fd] : 0; }

static void opened(int fd, const char *path) {
  if (fd < 0 || fd >= FILES || !meant || !strstr(path, meant)) return;
  char whole[4096];
  paths[fd] = strdup(realpath(path, whole) ? whole : path);
}

static void note(char what, const char *path, long at, const void *data, size_t size) {
  if (journal < 0) return;
  char head[4400];
  int length = snprintf(head, sizeof head, "%c %s %ld %zu\n", what, path, at, data ? size : 0);
  struct iovec parts[2] = {{head, (size_t)length}, {(void *)data, data ? size : 0}};
  pthread_mutex_lock(&turn);
  syscall(SYS_writev, journal, parts, data ? 2 : 1);
  pthread_mutex_unlock(&turn);
}

static int is_full(int fd, off_t end) {
  struct stat now;
  if (!path_of(fd) || !wrong(2) || fstat(fd, &now) || end <= now.st_size) return 0;
  errno = wrong(2);
  return 1;
}

#define OPEN(name)                                                                     \
  int name(const char *path, int flags, ...) {                                         \
    va_list more; va_start(more, flags); mode_t mode = va_arg(more, mode_t); va_end(more); \
    int fd = syscall(SYS_openat, AT_FDCWD, path, flags | O_LARGEFILE, mode);            \
    opened(fd, path);                                                                  \
    return fd;                                                                         \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                                   \
  int name(int folder, const char *path, int flags, ...) {                             \
    va_list more; va_start(more, flags); mode_t mode = va_arg(more, mode_t); va_end(more); \
    int fd = syscall(SYS_openat, folder, path, flags | O_LARGEFILE, mode);              \
    opened(fd, path);                                                                  \
    return fd;                                                                         \
  }
OPENAT(openat)
OPENAT(openat64)

int close(int fd) {
  if (fd >= 0 && fd < FILES && paths[fd]) { free(paths[fd]); paths[fd] = 0; }
  return syscall(SYS_close, fd);
}

static ssize_t put(int fd, const void *data, size_t size, off_t at) {
  if (is_full(fd, at + (off_t)size)) return -1;
  ssize_t done = syscall(SYS_pwrite64, fd, data, size, at);
  if (done > 0 && path_of(fd)) note('W', path_of(fd), at, data, (size_t)done);
  return done;
}
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) { return put(fd, data, size, at); }
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) { return put(fd, data, size, at); }

ssize_t write(int fd, const void *data, size_t size) {
  if (!path_of(fd)) return syscall(SYS_write, fd, data, size);
  off_t at = lseek(fd, 0, SEEK_CUR);
  if (at >= 0 && is_full(fd, at + (off_t)size)) return -1;
  ssize_t done = syscall(SYS_write, fd, data, size);
  if (done > 0) note('W', path_of(fd), at, data, (size_t)done);
  return done;
}

#define PWRITEV(name)                                                                  \
  ssize_t name(int fd, const struct iovec *parts, int count, off_t at) {                \
    REAL(#name, ssize_t (*)(int, const struct iovec *, int, off_t));                    \
    size_t size = 0;                                                                   \
    for (int i = 0; i < count; i++) size += parts[i].iov_len;                           \
    return is_full(fd, at + (off_t)size) ? -1 : real(fd, parts, count, at);             \
  }
PWRITEV(pwritev)
PWRITEV(pwritev64)

#define FALLOCATE(name)                                                                \
  int name(int fd, off_t at, off_t size) {                                              \
    REAL(#name, int (*)(int, off_t, off_t));                                            \
    return is_full(fd, at + size) ? errno : real(fd, at, size);                         \
  }
FALLOCATE(posix_fallocate)
FALLOCATE(posix_fallocate64)

#define SYNC(name, number)                                                             \
  int name(int fd) {                                                                   \
    if (!path_of(fd)) return syscall(number, fd);                                       \
    wait_ms(wrong(1));                                                                 \
    if (wrong(0)) { errno = wrong(0); return -1; }                                      \
    int done = syscall(number, fd);                                                    \
    if (!done) note('S', path_of(fd), 0, 0, 0);                                         \
    return done;                                                                       \
  }
SYNC(fsync, SYS_fsync)
SYNC(fdatasync, SYS_fdatasync)

#define CUT(name)                                                                      \
  int name(int fd, off_t size) {                                                        \
    int done = syscall(SYS_ftruncate, fd, size);                                        \
    if (!done && path_of(fd)) note('T', path_of(fd), size, 0, 0);                        \
    return done;                                                                       \
  }
CUT(ftruncate)
CUT(ftruncate64)

int unlink(const char *path) {
  char whole[4096];
  int known = meant && strstr(path, meant) && realpath(path, whole);
  int done = syscall(SYS_unlinkat, AT_FDCWD, path, 0);
  if (!done && known) note('U', whole, 0, 0, 0);
  return done;
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
  REAL("getaddrinfo", int (*)(const char *, const char *, const struct addrinfo *, struct addrinfo **));
  int numeric = !name || strspn(name, "0123456789.") == strlen(name) || strchr(name, ':');
  if (wrong(3) && !numeric) { wait_ms(wrong(3)); return EAI_AGAIN; }
  return real(name, service, hints, found);
}
