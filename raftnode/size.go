package raftnode

import "github.com/hashicorp/raft"

// headerSize is about what a call has besides its payload, and an entry besides its data: the names of the fields and the
// numbers, in bytes.
const headerSize = 100

// Size is about how many bytes the message has on the wire: a header, and what its entries or its snapshot hold.
func (m *Message) Size() int {
	size := headerSize
	if m.Answer {
		return size
	}
	if request, ok := m.call.request.(*raft.AppendEntriesRequest); ok {
		for _, entry := range request.Entries {
			size += headerSize + len(entry.Data)
		}
	}
	return size + len(m.call.snapshot)
}
