package volume_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"statefulsim/volume"
)

func open(t *testing.T) *volume.Disks {
	t.Helper()
	disks, err := volume.Open(filepath.Join(t.TempDir(), "root"), true)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, disks.Close()) })
	return disks
}

// hostile is what a manifest might come up with.
var hostile = []string{"", ".", "..", "../..", "/", "/etc", "a/b", "a", "A", "a+", "a%", "%", "a%2f", "a%2F", "..%2f",
	"\x00", "\n", "pvc-1", "default/data-mysql-0", strings.Repeat("x", 200), strings.Repeat("x", 201),
	strings.Repeat("x", 200) + "..", strings.Repeat("x", 200) + "+", strings.Repeat("é", 300)}

func ids() *rapid.Generator[string] {
	return rapid.OneOf(rapid.SampledFrom(hostile), rapid.String(), rapid.StringN(0, 3, 3))
}

func TestNamesAreInjectiveAndStayInside(t *testing.T) {
	disks := open(t)
	for _, a := range hostile {
		for _, b := range hostile {
			requireApart(t, disks, a, b)
		}
	}
	rapid.Check(t, func(t *rapid.T) { requireApart(t, disks, ids().Draw(t, "a"), ids().Draw(t, "b")) })
}

// requireApart holds that each of two IDs leads to a place of its own, inside the root and outside the other's.
func requireApart(t require.TestingT, disks *volume.Disks, a, b string) {
	for _, path := range []func(string) string{disks.Path, disks.Scratch} {
		require.True(t, inside(path(a), disks.Root()), "%q leads to %s", a, path(a))
		if a != b {
			require.NotEqual(t, strings.ToLower(path(a)), strings.ToLower(path(b)), "%q and %q", a, b)
			require.False(t, inside(path(a), path(b)), "%q is inside %q", a, b)
		}
	}
	require.False(t, inside(disks.Path(a), disks.Scratch(b)))
	require.False(t, inside(disks.Scratch(b), disks.Path(a)))
}

func inside(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && rel != "." && filepath.IsLocal(rel)
}

// TestDisksFollowTheModel drives disks with random operations beside a model of what they are to hold.
func TestDisksFollowTheModel(t *testing.T) {
	follow(t, rapid.OneOf(rapid.SampledFrom([]string{"a", "A", "../b"}), ids()), func(m *model) map[string]func(*rapid.T) {
		return map[string]func(*rapid.T){
			"create": m.create, "delete": m.delete, "empty": m.empty, "attach": m.attach, "detach": m.detach, "write": m.write,
			"spoil": m.spoil, "lose power": m.losePower,
		}
	})
}

// TestFaultsFollowTheModel does the same with the faults of one disk that is attached, and lies often.
func TestFaultsFollowTheModel(t *testing.T) {
	follow(t, rapid.Just("a"), func(m *model) map[string]func(*rapid.T) {
		require.NoError(t, m.disks.Create("a"))
		require.NoError(t, m.disks.Attach("a", "node-a", false))
		m.content["a"], m.nodes["a"], m.faults["a"] = "", []string{"node-a"}, newFaults()
		return map[string]func(*rapid.T){
			"write": m.write, "lie": m.lie, "tell the truth": m.tellTruth, "spoil": m.spoil, "mend": m.mend,
			"hold": m.hold, "release": m.release, "close": m.close, "lose power": m.losePower, "sync": m.sync, "empty": m.empty,
			"lose power in use": func(t *rapid.T) { m.hold(t); m.losePower(t) },
		}
	})
}

// follow checks random sequences of operations on disks of those IDs.
func follow(t *testing.T, ids *rapid.Generator[string], operations func(*model) map[string]func(*rapid.T)) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "volume-")
		require.NoError(t, err)
		defer os.RemoveAll(dir)
		disks, err := volume.Open(filepath.Join(dir, "root"), true)
		require.NoError(t, err)
		m := &model{disks: disks, id: ids, content: map[string]string{}, nodes: map[string][]string{}, faults: map[string]*faults{}}
		all := operations(m)
		all[""] = func(t *rapid.T) { m.check(t, dir) }
		t.Repeat(all)
		require.NoError(t, disks.Close())
	})
}

type model struct {
	disks   *volume.Disks
	id      *rapid.Generator[string]
	content map[string]string   // by ID, for the volumes that exist
	nodes   map[string][]string // by ID
	faults  map[string]*faults  // by ID
}

func (m *model) draw(t *rapid.T) (id, node string) {
	return m.id.Draw(t, "id"), rapid.SampledFrom([]string{"node-a", "node-b", "node-c"}).Draw(t, "node")
}

func (m *model) create(t *rapid.T) {
	id, _ := m.draw(t)
	if _, exists := m.content[id]; exists {
		require.ErrorIs(t, m.disks.Create(id), volume.ErrExists)
		return
	}
	require.NoError(t, m.disks.Create(id))
	require.NoDirExists(t, m.disks.Path(id), "a new volume is empty")
	require.NoError(t, os.MkdirAll(m.disks.Path(id), 0o755))
	m.content[id], m.faults[id] = "", newFaults()
}

func (m *model) delete(t *rapid.T) {
	id, _ := m.draw(t)
	err := m.disks.Delete(id)
	switch _, exists := m.content[id]; {
	case !exists:
		require.ErrorIs(t, err, volume.ErrNotFound)
	case len(m.nodes[id]) > 0:
		require.ErrorIs(t, err, volume.ErrAttached)
	default:
		require.NoError(t, err)
		require.NoDirExists(t, m.disks.Path(id))
		delete(m.content, id)
		delete(m.faults, id)
	}
}

func (m *model) empty(t *rapid.T) {
	id, _ := m.draw(t)
	err := m.disks.Empty(id)
	if _, exists := m.content[id]; !exists {
		require.ErrorIs(t, err, volume.ErrNotFound)
		return
	}
	require.NoError(t, err)
	require.NoDirExists(t, m.disks.Path(id))
	m.empties(id)
}

func (m *model) attach(t *rapid.T) {
	id, node := m.draw(t)
	many := rapid.Bool().Draw(t, "many")
	err := m.disks.Attach(id, node, many)
	has := slices.Contains(m.nodes[id], node)
	switch _, exists := m.content[id]; {
	case !exists:
		require.ErrorIs(t, err, volume.ErrNotFound)
	case len(m.nodes[id]) > 0 && !has && !many:
		require.ErrorIs(t, err, volume.ErrAttachedElsewhere)
	default:
		require.NoError(t, err)
		if !has {
			m.nodes[id] = append(m.nodes[id], node)
			slices.Sort(m.nodes[id])
		}
	}
}

func (m *model) detach(t *rapid.T) {
	id, node := m.draw(t)
	err := m.disks.Detach(id, node)
	if _, exists := m.content[id]; !exists {
		require.ErrorIs(t, err, volume.ErrNotFound)
		return
	}
	require.NoError(t, err)
	m.nodes[id] = slices.DeleteFunc(m.nodes[id], func(n string) bool { return n == node })
}

func (m *model) write(t *rapid.T) {
	id, _ := m.draw(t)
	if len(m.nodes[id]) == 0 {
		return
	}
	m.content[id] = rapid.StringN(1, 9, -1).Draw(t, "content")
	require.NoError(t, os.MkdirAll(m.disks.Path(id), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(m.disks.Path(id), "file"), []byte(m.content[id]), 0o600))
}

// check holds the disks against the model: who has them, what they hold, and that nothing is outside the root.
func (m *model) check(t *rapid.T, dir string) {
	for id, content := range m.content {
		require.True(t, m.disks.Has(id))
		require.Equal(t, len(m.nodes[id]), len(m.disks.AttachedTo(id)))
		require.ElementsMatch(t, m.nodes[id], m.disks.AttachedTo(id))
		got, err := os.ReadFile(filepath.Join(m.disks.Path(id), "file"))
		require.Equal(t, content == "", errors.Is(err, fs.ErrNotExist))
		require.Equal(t, content, string(got), "the content of %q", id)
		m.faults[id].check(t, m.disks, id)
	}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1)
}

func TestScratchIsLostWhenDropped(t *testing.T) {
	disks := open(t)
	require.NoError(t, disks.Create("c"))
	for _, dir := range []string{disks.Scratch("c"), disks.Path("c")} {
		require.NoError(t, os.MkdirAll(dir, 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "file"), []byte("x"), 0o600))
	}
	require.NoError(t, disks.DropScratch("c"))
	require.NoError(t, disks.DropScratch("c"))
	require.NoDirExists(t, disks.Scratch("c"))
	require.FileExists(t, filepath.Join(disks.Path("c"), "file"))
}

func TestTemporaryRootIsRemovedUnlessKept(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	for _, keep := range []bool{false, true} {
		disks, err := volume.Open("", keep)
		require.NoError(t, err)
		require.NoError(t, disks.Create("a"))
		path := disks.Path("a")
		require.NoError(t, os.MkdirAll(path, 0o755))
		require.NoError(t, disks.Close())
		_, err = os.Stat(path)
		require.Equal(t, keep, err == nil)
	}
}

func TestRootMustBeEmpty(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "precious"), nil, 0o600))
	_, err := volume.Open(dir, false)
	require.ErrorIs(t, err, volume.ErrNotEmpty)
	require.ErrorContains(t, err, dir)
}
