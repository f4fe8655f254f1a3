// Package volume keeps the disks of a cluster: a directory each, below one root, and who has it attached. A disk belongs to
// its ID alone: its content stays whatever nodes it is attached to, until it is deleted.
package volume

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// What a caller may want to tell apart.
var (
	ErrNotFound          = errors.New("no such volume")
	ErrExists            = errors.New("the volume exists already")
	ErrAttached          = errors.New("the volume is still attached")
	ErrAttachedElsewhere = errors.New("the volume is attached to another node")
	ErrNotEmpty          = errors.New("the directory is not empty")
)

// The parts of the root.
const (
	volumesDir = "volumes"
	scratchDir = "scratch"
	imagesDir  = "images" // what disks held when they began to lie about what is synced
)

// Disks are all the disks of one world, and the file systems of its containers, which end with them. They are used from one
// goroutine.
type Disks struct {
	root    *os.Root
	discard bool
	disks   map[string]*disk
}

// disk is one volume: who has it, and what is wrong with it.
type disk struct {
	nodes   []string // that it is attached to, sorted
	holders int      // how many programs have files of it open
	faults  []ongoing

	corrupt   bool
	lost      bool // and somebody has its files still open
	powerLost bool // while somebody had its files open
}

// Open prepares the disks below root, which is made if it is missing and must be empty. Root "" is a fresh temporary
// directory, which Close removes unless keep is set.
func Open(root string, keep bool) (*Disks, error) {
	d := &Disks{discard: root == "" && !keep, disks: map[string]*disk{}}
	root, err := prepare(root)
	if err != nil {
		return nil, fmt.Errorf("prepare the directory for volumes: %w", err)
	}
	if d.root, err = os.OpenRoot(root); err != nil {
		return nil, fmt.Errorf("open the directory for volumes: %w", err)
	}
	return d, nil
}

// prepare returns the absolute path of an empty directory.
func prepare(root string) (string, error) {
	if root == "" {
		return os.MkdirTemp(temporaryRoot(), "statefulsim-")
	}
	root, err := filepath.Abs(root)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(root, 0o755); err != nil {
		return "", err
	}
	entries, err := os.ReadDir(root)
	if err == nil && len(entries) > 0 {
		err = fmt.Errorf("%s: %w", root, ErrNotEmpty)
	}
	return root, err
}

// Root is the directory that everything is below.
func (d *Disks) Root() string { return d.root.Name() }

// Create makes an empty volume. Its directory comes with the first thing that is written there: most volumes of a large world
// are never written to.
func (d *Disks) Create(id string) error {
	if d.Has(id) {
		return fmt.Errorf("create volume %q: %w", id, ErrExists)
	}
	d.disks[id] = &disk{}
	return nil
}

// Delete removes a volume and what it holds. It must not be attached.
func (d *Disks) Delete(id string) error {
	v, err := d.find(id)
	if err == nil && len(v.nodes) > 0 {
		err = fmt.Errorf("%w to %s", ErrAttached, v.nodes[0])
	}
	if err == nil {
		err = d.empty(id, v)
	}
	if err != nil {
		return fmt.Errorf("delete volume %q: %w", id, err)
	}
	delete(d.disks, id)
	return nil
}

// Empty removes what a volume holds, and with that what is corrupt of it.
func (d *Disks) Empty(id string) error {
	v, err := d.find(id)
	if err == nil {
		err = d.empty(id, v)
	}
	if err != nil {
		return fmt.Errorf("empty volume %q: %w", id, err)
	}
	return nil
}

func (d *Disks) empty(id string, v *disk) error {
	v.corrupt, v.lost, v.powerLost = false, false, false
	return cmp.Or(d.root.RemoveAll(within(volumesDir, id)), d.root.RemoveAll(within(imagesDir, id)))
}

// Has tells whether the volume exists.
func (d *Disks) Has(id string) bool { return d.disks[id] != nil }

// Attach gives a node the volume. Unless many nodes may have it, another node's attachment stands against it
// (ErrAttachedElsewhere). Attaching again changes nothing.
func (d *Disks) Attach(id, node string, many bool) error {
	v, err := d.find(id)
	if err != nil {
		return fmt.Errorf("attach volume %q to %s: %w", id, node, err)
	}
	at, attached := slices.BinarySearch(v.nodes, node)
	if attached {
		return nil
	}
	if len(v.nodes) > 0 && !many {
		return fmt.Errorf("attach volume %q to %s: %w, %s", id, node, ErrAttachedElsewhere, v.nodes[0])
	}
	v.nodes = slices.Insert(v.nodes, at, node)
	return nil
}

// Detach takes the volume from a node. Nothing changes if the node does not have it.
func (d *Disks) Detach(id, node string) error {
	v, err := d.find(id)
	if err != nil {
		return fmt.Errorf("detach volume %q from %s: %w", id, node, err)
	}
	if at, attached := slices.BinarySearch(v.nodes, node); attached {
		v.nodes = slices.Delete(v.nodes, at, at+1)
	}
	return nil
}

// AttachedTo names the nodes that have the volume, sorted.
func (d *Disks) AttachedTo(id string) []string {
	if v := d.disks[id]; v != nil {
		return slices.Clone(v.nodes)
	}
	return nil
}

// Path is the directory of a volume. It need not exist before something is written there.
func (d *Disks) Path(id string) string { return d.path(volumesDir, id) }

// Scratch is the directory of a container's own file system. It need not exist before something is written there.
func (d *Disks) Scratch(id string) string { return d.path(scratchDir, id) }

func (d *Disks) path(dir, id string) string { return filepath.Join(d.root.Name(), within(dir, id)) }

// DropScratch removes a container's own file system and what it holds, if there is any.
func (d *Disks) DropScratch(id string) error {
	if err := d.root.RemoveAll(within(scratchDir, id)); err != nil {
		return fmt.Errorf("drop the file system of %q: %w", id, err)
	}
	return nil
}

// Close ends the use of the disks, and removes them if nobody wants to keep them.
func (d *Disks) Close() error {
	err := d.root.Close()
	if d.discard {
		err = errors.Join(err, os.RemoveAll(d.root.Name()))
	}
	if err != nil {
		return fmt.Errorf("close the directory for volumes: %w", err)
	}
	return nil
}

func (d *Disks) find(id string) (*disk, error) {
	if v := d.disks[id]; v != nil {
		return v, nil
	}
	return nil, ErrNotFound
}
