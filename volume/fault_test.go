package volume_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"statefulsim/volume"
)

// faults are what the model knows of what is wrong with a disk.
type faults struct {
	named   map[string]volume.Fault // of those that are mended
	by      map[string]time.Duration
	synced  string // what the disk held when it began to lie, while it does
	holders int
	corrupt bool
	lost    bool
	pending bool // the power was lost, and somebody has the files open
}

func newFaults() *faults {
	return &faults{named: map[string]volume.Fault{}, by: map[string]time.Duration{}}
}

func (f *faults) has(fault volume.Fault) bool {
	for _, is := range f.named {
		if is == fault {
			return true
		}
	}
	return false
}

// check holds what a user of the disk meets against the faults that it has.
func (f *faults) check(t *rapid.T, disks *volume.Disks, id string) {
	var read, write, open error
	var delay time.Duration
	if f.has(volume.Full) {
		write = volume.ErrFull
	}
	if f.has(volume.ReadOnly) {
		write, open = volume.ErrReadOnly, volume.ErrReadOnly
	}
	if f.corrupt {
		open = volume.ErrCorrupt
	}
	if f.lost {
		read, write, open = volume.ErrIO, volume.ErrIO, volume.ErrIO
	}
	for _, by := range f.by {
		delay += by
	}
	require.Equal(t, read, disks.Fault(id, false))
	require.Equal(t, write, disks.Fault(id, true))
	require.Equal(t, open, disks.OpenFault(id))
	require.Equal(t, delay, disks.Delay(id))
}

// spoil gives each fault its own name, or one more: what is mended then is that one alone.
func (m *model) spoil(t *rapid.T) {
	id, _ := m.draw(t)
	fault := rapid.SampledFrom(volume.Faults()).Draw(t, "fault")
	name := string(fault) + rapid.SampledFrom([]string{"", " again"}).Draw(t, "name")
	by := time.Duration(0)
	if fault == volume.Slow {
		by = time.Duration(rapid.IntRange(1, 9).Draw(t, "by"))
	}
	m.begin(t, id, name, fault, by)
}

// lie and tellTruth begin and end the fault that the others are seen through.
func (m *model) lie(t *rapid.T)       { m.begin(t, "a", "lie", volume.LyingFsync, 0) }
func (m *model) tellTruth(t *rapid.T) { m.end(t, "a", "lie") }

func (m *model) begin(t *rapid.T, id, name string, fault volume.Fault, by time.Duration) {
	f := m.faults[id]
	if f == nil {
		require.ErrorIs(t, m.disks.Spoil(id, name, fault, by), volume.ErrNotFound)
		return
	}
	if _, taken := f.named[name]; taken {
		return
	}
	require.NoError(t, m.disks.Spoil(id, name, fault, by))
	switch fault {
	case volume.Corrupt:
		f.corrupt = true
		return
	case volume.Lost:
		f.lost = true
		m.settle(id)
		return
	case volume.LyingFsync:
		if !f.has(fault) && !f.pending {
			f.synced = m.content[id]
		}
	}
	f.named[name], f.by[name] = fault, by
}

func (m *model) mend(t *rapid.T) {
	id, _ := m.draw(t)
	name := string(rapid.SampledFrom(volume.Faults()).Draw(t, "fault")) + rapid.SampledFrom([]string{"", " again"}).Draw(t, "name")
	m.end(t, id, name)
}

func (m *model) end(t *rapid.T, id, name string) {
	require.NoError(t, m.disks.Mend(id, name))
	if f := m.faults[id]; f != nil {
		delete(f.named, name)
		delete(f.by, name)
	}
}

func (m *model) hold(t *rapid.T) {
	id, _ := m.draw(t)
	m.disks.Hold(id)
	if f := m.faults[id]; f != nil {
		f.holders++
	}
}

func (m *model) release(t *rapid.T) {
	id, _ := m.draw(t)
	require.NoError(t, m.disks.Release(id))
	if f := m.faults[id]; f != nil && f.holders > 0 {
		f.holders--
		m.settle(id)
	}
}

// close lets all close their files.
func (m *model) close(t *rapid.T) {
	for m.faults["a"].holders > 0 {
		m.release(t)
	}
}

// losePower takes what was not synced: exactly what the disk held when it began to lie is found.
func (m *model) losePower(t *rapid.T) {
	id, _ := m.draw(t)
	require.NoError(t, m.disks.PowerLost(id))
	if f := m.faults[id]; f != nil && f.has(volume.LyingFsync) {
		f.pending = true
		m.settle(id)
	}
}

func (m *model) sync(t *rapid.T) {
	id, _ := m.draw(t)
	require.NoError(t, m.disks.Sync(id))
	if f := m.faults[id]; f != nil && !f.pending {
		f.synced = m.content[id]
	}
}

// settle lets what has happened to the disk be seen once nobody has its files open.
func (m *model) settle(id string) {
	f := m.faults[id]
	switch {
	case f.holders > 0:
	case f.lost:
		m.empties(id)
	case f.pending:
		m.content[id], f.pending = f.synced, false
	}
}

func (m *model) empties(id string) {
	f := m.faults[id]
	m.content[id], f.synced = "", ""
	f.corrupt, f.lost, f.pending = false, false, false
}

func TestUnknownFault(t *testing.T) {
	disks := open(t)
	require.NoError(t, disks.Create("a"))
	require.ErrorContains(t, disks.Spoil("a", "step 1", "melted", 0), `"melted" is not one of`)
	require.NoError(t, disks.Fault("nobody's", true))
	require.NoError(t, disks.OpenFault("nobody's"))
}

// TestPowerLossTakesFilesAway puts whole directories back: what is new goes, and what was removed returns.
func TestPowerLossTakesFilesAway(t *testing.T) {
	disks := open(t)
	require.NoError(t, disks.Create("a"))
	old, young := filepath.Join(disks.Path("a"), "deep", "old"), filepath.Join(disks.Path("a"), "young")
	require.NoError(t, os.MkdirAll(filepath.Dir(old), 0o755))
	require.NoError(t, os.WriteFile(old, []byte("x"), 0o600))
	require.NoError(t, disks.Spoil("a", "step 1", volume.LyingFsync, 0))
	for range 2 {
		require.NoError(t, os.Remove(old))
		require.NoError(t, os.WriteFile(young, []byte("y"), 0o600))
		require.NoError(t, disks.PowerLost("a"))
		require.FileExists(t, old)
		require.NoFileExists(t, young)
	}
	require.NoError(t, os.WriteFile(young, []byte("y"), 0o600))
	require.NoError(t, disks.Mend("a", "step 1"))
	require.NoError(t, disks.PowerLost("a"))
	require.FileExists(t, young, "it lies no more")
}
