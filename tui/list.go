package tui

// list is some lines to choose one from.
type list struct {
	n, at int // how many there are, and which is chosen
}

// move chooses another line; beyond an end it begins at the other.
func (l *list) move(by int) {
	if l.n > 0 {
		l.at = ((l.at+by)%l.n + l.n) % l.n
	}
}

// jump moves without beginning anew at the other end.
func (l *list) jump(by int) { l.at = min(max(l.at+by, 0), max(l.n-1, 0)) }

// first is the first line that is seen if there is room for so many.
func (l *list) first(room int) int { return min(max(l.at-room/2, 0), max(l.n-room, 0)) }

// press moves as a key says, and tells whether it was one of those that move.
func (l *list) press(key string, room int) bool {
	switch key {
	case "down", "ctrl+n":
		l.move(1)
	case "up", "ctrl+p":
		l.move(-1)
	case "pgdown":
		l.jump(room)
	case "pgup":
		l.jump(-room)
	case "home":
		l.at = 0
	case "end":
		l.jump(l.n)
	default:
		return false
	}
	return true
}
