package statefulset

import (
	"container/heap"
	"time"
)

// dueQueue holds the Ready pods that time will make available, the earliest first. An entry whose pod has changed since is
// void.
type dueQueue []dueEntry

type dueEntry struct {
	at     time.Time
	member *member
}

func (q dueQueue) Len() int           { return len(q) }
func (q dueQueue) Less(i, j int) bool { return q[i].at.Before(q[j].at) }
func (q dueQueue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *dueQueue) Push(x any)        { *q = append(*q, x.(dueEntry)) }
func (q *dueQueue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

// add puts a pod in the queue.
func (q *dueQueue) add(m *member) { heap.Push(q, dueEntry{m.due, m}) }

// head returns the first pod of the queue, or nil; it drops void entries on the way.
func (q *dueQueue) head() *member {
	for len(*q) > 0 {
		if head := (*q)[0]; head.member.due.Equal(head.at) {
			return head.member
		}
		heap.Pop(q)
	}
	return nil
}
