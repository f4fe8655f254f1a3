package volume

import (
	"path/filepath"
	"strings"
)

// segmentLength is how much of a name goes into one directory: file systems allow 255 bytes, and the mark of a continuation
// needs one.
const segmentLength = 200

// within is the path of what belongs to an ID. IDs come from manifests, so they may hold anything. Different IDs have
// different paths, also where a file system does not tell upper from lower case, none of them leads out of dir, and none is
// inside another's.
func within(dir, id string) string {
	name := safeName(id)
	path := []string{dir}
	for len(name) > segmentLength {
		path = append(path, name[:segmentLength]+"+")
		name = name[segmentLength:]
	}
	return filepath.Join(append(path, name)...)
}

// safeName keeps lower-case letters, digits, '-', '_' and a '.' that does not come first, and writes every other byte as '%'
// with two digits. Nothing at all is "%".
func safeName(id string) string {
	if id == "" {
		return "%"
	}
	var name strings.Builder
	for i := range len(id) {
		switch b := id[i]; {
		case 'a' <= b && b <= 'z', '0' <= b && b <= '9', b == '-', b == '_', b == '.' && name.Len()%segmentLength != 0:
			name.WriteByte(b)
		default:
			name.WriteByte('%')
			name.WriteByte("0123456789abcdef"[b>>4])
			name.WriteByte("0123456789abcdef"[b&15])
		}
	}
	return name.String()
}
