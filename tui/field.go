package tui

import (
	"strings"
	"unicode"

	tea "charm.land/bubbletea/v2"

	"statefulsim/scenarios/words"
)

// field is a line of text that is being edited.
type field struct {
	text []rune
	at   int // before which letter the cursor stands
}

func fieldOf(text string) field {
	letters := []rune(text)
	return field{letters, len(letters)}
}

func (f *field) String() string { return string(f.text) }

// insert puts text where the cursor is; what cannot stand in a line is a space.
func (f *field) insert(text string) {
	letters := []rune(strings.Map(func(r rune) rune {
		if words.Unprintable(r) {
			return ' '
		}
		return r
	}, text))
	f.text = append(f.text[:f.at:f.at], append(letters, f.text[f.at:]...)...)
	f.at += len(letters)
}

// cut takes the letters between two places out.
func (f *field) cut(from, until int) {
	f.text = append(f.text[:from:from], f.text[until:]...)
	f.at = from
}

// press edits as a key says, in the way of shells.
func (f *field) press(key tea.KeyPressMsg) {
	end := len(f.text)
	switch key.String() {
	case "left", "ctrl+b":
		f.at = max(f.at-1, 0)
	case "right", "ctrl+f":
		f.at = min(f.at+1, end)
	case "ctrl+left", "alt+b":
		f.at = f.wordBefore()
	case "ctrl+right", "alt+f":
		f.at = f.wordAfter()
	case "home", "ctrl+a":
		f.at = 0
	case "end", "ctrl+e":
		f.at = end
	case "backspace", "ctrl+h":
		f.cut(max(f.at-1, 0), f.at)
	case "delete", "ctrl+d":
		f.cut(f.at, min(f.at+1, end))
	case "ctrl+w", "alt+backspace":
		f.cut(f.wordBefore(), f.at)
	case "ctrl+u":
		f.cut(0, f.at)
	case "ctrl+k":
		f.cut(f.at, end)
	default:
		f.insert(key.Text)
	}
}

// wordBefore is where the word before the cursor begins.
func (f *field) wordBefore() int {
	at := f.at
	for at > 0 && unicode.IsSpace(f.text[at-1]) {
		at--
	}
	for at > 0 && !unicode.IsSpace(f.text[at-1]) {
		at--
	}
	return at
}

// wordAfter is where the word after the cursor ends.
func (f *field) wordAfter() int {
	at := f.at
	for at < len(f.text) && unicode.IsSpace(f.text[at]) {
		at++
	}
	for at < len(f.text) && !unicode.IsSpace(f.text[at]) {
		at++
	}
	return at
}

// seen is the part of the text that fits in a width with the cursor in it, and in which cell of it the cursor stands.
func (f *field) seen(width int) (text string, cursor int) {
	from := f.at
	for from > 0 && cells(string(f.text[from-1:f.at])) < width {
		from--
	}
	return string(f.text[from:]), cells(string(f.text[from:f.at]))
}
