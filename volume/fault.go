package volume

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"
)

// What a use of a disk fails with.
var (
	ErrFull     = errors.New("no space left on device")      // ENOSPC
	ErrReadOnly = errors.New("read-only file system")        // EROFS
	ErrIO       = errors.New("input/output error")           // EIO
	ErrCorrupt  = errors.New("checksum error: file corrupt") // found by whoever opens the files
)

// Fault is what is wrong with a disk.
type Fault string

// The faults of a disk.
const (
	Full       Fault = "full"       // writes fail
	ReadOnly   Fault = "readOnly"   // writes fail, and the files cannot be opened for writing
	Slow       Fault = "slow"       // each use takes longer
	LyingFsync Fault = "lyingFsync" // a loss of power takes what was written since it began, although it was called synced
	Corrupt    Fault = "corrupt"    // whoever opens the files finds them damaged, until the disk is emptied
	Lost       Fault = "lost"       // what the disk held is gone; uses fail until nobody has files of it open any more
)

// Faults lists all faults.
func Faults() []Fault { return []Fault{Full, ReadOnly, Slow, LyingFsync, Corrupt, Lost} }

// ongoing is a fault that somebody caused and can end.
type ongoing struct {
	name string // by which it is ended
	is   Fault
	by   time.Duration // how much longer each use takes
}

// Spoil lets a disk have a fault until Mend is called with the same name; by is how much longer each use of a Slow disk takes.
// Faults of different names add up. Corrupt and Lost do their damage at once and are not mended: a corrupt disk has to be
// emptied, and a lost one is an empty disk once nobody has files of it open.
func (d *Disks) Spoil(id, name string, fault Fault, by time.Duration) error {
	v, err := d.find(id)
	if err == nil {
		err = d.spoil(id, v, ongoing{name, fault, by})
	}
	if err != nil {
		return fmt.Errorf("spoil volume %q: %w", id, err)
	}
	return nil
}

func (d *Disks) spoil(id string, v *disk, f ongoing) error {
	switch {
	case f.is == Corrupt:
		v.corrupt = true
		return nil
	case f.is == Lost:
		v.lost = true
		return d.takeEffect(id, v)
	case !slices.Contains(Faults(), f.is):
		return fmt.Errorf("%q is not one of %q", f.is, Faults())
	case f.is == LyingFsync && !v.has(LyingFsync) && !v.powerLost:
		if err := d.keepImage(id); err != nil {
			return err
		}
	}
	v.faults = append(v.faults, f)
	return nil
}

// Mend ends the faults that Spoil began with that name. A disk that tells the truth again has synced what it holds. Nothing
// happens if the disk has no such fault.
func (d *Disks) Mend(id, name string) error {
	v := d.disks[id]
	if v == nil {
		return nil
	}
	v.faults = slices.DeleteFunc(v.faults, func(f ongoing) bool { return f.name == name })
	if err := d.dropImage(id, v); err != nil {
		return fmt.Errorf("mend volume %q: %w", id, err)
	}
	return nil
}

func (v *disk) has(fault Fault) bool {
	return slices.ContainsFunc(v.faults, func(f ongoing) bool { return f.is == fault })
}

// Fault says why a use of the disk fails: ErrIO, or ErrReadOnly or ErrFull for a write. It is nil for a disk that works or does
// not exist.
func (d *Disks) Fault(id string, write bool) error {
	v := d.disks[id]
	switch {
	case v == nil:
		return nil
	case v.lost:
		return ErrIO
	case write && v.has(ReadOnly):
		return ErrReadOnly
	case write && v.has(Full):
		return ErrFull
	}
	return nil
}

// Delay is how much longer each use of the disk takes than on a healthy one.
func (d *Disks) Delay(id string) (more time.Duration) {
	if v := d.disks[id]; v != nil {
		for _, f := range v.faults {
			more += f.by
		}
	}
	return more
}

// OpenFault says why a program that wants to read and write its files on the disk cannot open them: ErrIO, ErrCorrupt or
// ErrReadOnly. A full disk lets it.
func (d *Disks) OpenFault(id string) error {
	v := d.disks[id]
	switch {
	case v == nil:
		return nil
	case v.lost:
		return ErrIO
	case v.corrupt:
		return ErrCorrupt
	case v.has(ReadOnly):
		return ErrReadOnly
	}
	return nil
}

// Hold says that a program has files of the disk open: until Release was called as often, what the disk holds is not touched.
func (d *Disks) Hold(id string) {
	if v := d.disks[id]; v != nil {
		v.holders++
	}
}

// Release says that a program has closed its files. What a loss of power or of the disk has taken is gone when the last has.
func (d *Disks) Release(id string) error {
	v := d.disks[id]
	if v == nil || v.holders == 0 {
		return nil
	}
	v.holders--
	if err := d.takeEffect(id, v); err != nil {
		return fmt.Errorf("release volume %q: %w", id, err)
	}
	return nil
}

// PowerLost says that the machine which uses the disk has lost its power: what was written since the disk began to lie about
// what is synced is gone, at once or when nobody has files of it open any more.
func (d *Disks) PowerLost(id string) error {
	v := d.disks[id]
	if v == nil || !v.has(LyingFsync) {
		return nil
	}
	v.powerLost = true
	if err := d.takeEffect(id, v); err != nil {
		return fmt.Errorf("put volume %q back to what was synced: %w", id, err)
	}
	return nil
}

// takeEffect lets what has happened to the disk be seen in its content, unless its files are open.
func (d *Disks) takeEffect(id string, v *disk) error {
	switch {
	case v.holders > 0:
		return nil
	case v.lost:
		return d.empty(id, v)
	case v.powerLost:
		v.powerLost = false
		return cmp.Or(d.copyTree(imagesDir, volumesDir, id), d.dropImage(id, v))
	}
	return nil
}

// Sync says that all that was written is on the disk by now, whatever the disk says: the machine is shut down in order.
func (d *Disks) Sync(id string) error {
	v := d.disks[id]
	if v == nil || !v.has(LyingFsync) || v.powerLost {
		return nil
	}
	if err := d.keepImage(id); err != nil {
		return fmt.Errorf("sync volume %q: %w", id, err)
	}
	return nil
}

// keepImage remembers what the disk holds.
func (d *Disks) keepImage(id string) error { return d.copyTree(volumesDir, imagesDir, id) }

// dropImage forgets what a disk held that does not lie any more, unless that is still to be put back.
func (d *Disks) dropImage(id string, v *disk) error {
	if v.has(LyingFsync) || v.powerLost {
		return nil
	}
	return d.root.RemoveAll(within(imagesDir, id))
}

// copyTree replaces what one part of the root has of an ID by what another has.
func (d *Disks) copyTree(from, to, id string) error {
	if err := d.root.RemoveAll(within(to, id)); err != nil {
		return err
	}
	if _, err := d.root.Stat(within(from, id)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return os.CopyFS(d.path(to, id), os.DirFS(d.path(from, id)))
}
