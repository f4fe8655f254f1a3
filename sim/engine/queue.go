package engine

import "time"

// Queue holds what is to happen, ordered by its instant. No two events of a queue share an instant.
type Queue struct {
	heap  []*Event
	taken map[time.Duration]bool
}

// Event is something that will happen at an instant.
type Event struct {
	At time.Duration // since the start of the run
	do func()        // nil once it was cancelled
}

// Cancel makes an event not happen, and tells whether it would have: false after it happened or was cancelled.
func (e *Event) Cancel() bool {
	pending := e.do != nil
	e.do = nil
	return pending
}

// Push queues an event for an instant, or for the first free nanosecond after it.
func (q *Queue) Push(at time.Duration, do func()) *Event {
	if q.taken == nil {
		q.taken = map[time.Duration]bool{}
	}
	for q.taken[at] {
		at++
	}
	q.taken[at] = true
	e := &Event{At: at, do: do}
	q.heap = append(q.heap, e)
	q.up(len(q.heap) - 1)
	return e
}

// Head returns the instant of the first event that is not cancelled; ok is false if there is none.
func (q *Queue) Head() (at time.Duration, ok bool) {
	for len(q.heap) > 0 && q.heap[0].do == nil {
		q.pop()
	}
	if len(q.heap) == 0 {
		return 0, false
	}
	return q.heap[0].At, true
}

// Apply takes the first event out and makes it happen. There must be one: see Head.
func (q *Queue) Apply() {
	e := q.pop()
	do := e.do
	e.do = nil
	do()
}

func (q *Queue) pop() *Event {
	e := q.heap[0]
	last := len(q.heap) - 1
	q.heap[0] = q.heap[last]
	q.heap[last] = nil
	q.heap = q.heap[:last]
	q.down(0)
	delete(q.taken, e.At)
	return e
}

func (q *Queue) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if q.heap[parent].At <= q.heap[i].At {
			return
		}
		q.heap[parent], q.heap[i] = q.heap[i], q.heap[parent]
		i = parent
	}
}

func (q *Queue) down(i int) {
	for {
		least := i
		for _, child := range [2]int{2*i + 1, 2*i + 2} {
			if child < len(q.heap) && q.heap[child].At < q.heap[least].At {
				least = child
			}
		}
		if least == i {
			return
		}
		q.heap[least], q.heap[i] = q.heap[i], q.heap[least]
		i = least
	}
}
