package volume

import (
	"os"
	"syscall"
)

// Linux keeps what is written below inMemory in memory. Containers often have only 64 MiB of it, which is too little for a large
// world: roomy is how many bytes must be free.
const (
	inMemory = "/dev/shm"
	roomy    = 1 << 30
	writable = 2 // access(2)
)

// temporaryRoot is where temporary volumes go: into memory if there is room and the user has not chosen another place by TMPDIR;
// "" is where the system has its temporary files.
func temporaryRoot() string {
	var is syscall.Statfs_t
	if os.Getenv("TMPDIR") != "" || syscall.Access(inMemory, writable) != nil ||
		syscall.Statfs(inMemory, &is) != nil || is.Bavail*uint64(is.Bsize) < roomy {
		return ""
	}
	return inMemory
}
