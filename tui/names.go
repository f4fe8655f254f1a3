package tui

import "strings"

func withoutDefault(name string) string { return strings.TrimPrefix(name, "default/") }

func firstWord(s string) string {
	word, _, _ := strings.Cut(s, " ")
	return word
}
